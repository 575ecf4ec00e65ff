//! Images of containers, as `docker save` writes them and as the Open Container Initiative lays them out: which entries
//! of an archive are layers, and what the history says of the variables an image was built with. Must not know how
//! archives are read.

use super::level::Level;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Descriptions are small: a longer one, or more of them together, are none. In bytes.
const LONGEST: u64 = 1 << 20;
const KEPT: usize = 16 << 20;
/// How far an index may lead to others.
const DEEPEST: usize = 3;

/// The descriptions that an archive holds, by path.
#[derive(Default)]
pub(super) struct Descriptions {
    kept: HashMap<Vec<u8>, Vec<u8>>,
    size: usize,
}

/// What `manifest.json` says of an image.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    #[serde(default)]
    config: String,
    #[serde(default)]
    layers: Vec<String>,
}

/// What `index.json` leads to: more of its kind, or an image.
#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Reference>,
    config: Option<Reference>,
    #[serde(default)]
    layers: Vec<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    digest: String,
}

/// How an image was built and is run.
#[derive(Deserialize)]
struct Config {
    config: Option<Run>,
    #[serde(default)]
    history: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Run {
    env: Option<Vec<String>>,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    comment: String,
}

impl Reference {
    fn path(&self) -> String {
        format!("blobs/{}", self.digest.replacen(':', "/", 1))
    }
}

impl Descriptions {
    /// Whether the entry `name` of `size` bytes may be one.
    pub(super) fn wants(&self, name: &[u8], size: u64) -> bool {
        let name = name.strip_prefix(b"./").unwrap_or(name);
        let is_digest = |digits: &[u8]| digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
        let blob = name.strip_prefix(b"blobs/sha256/").or_else(|| name.strip_suffix(b".json"));
        let named = matches!(name, b"manifest.json" | b"index.json") || blob.is_some_and(is_digest);
        named && size <= LONGEST && self.size + size as usize <= KEPT
    }

    /// Keeps one.
    pub(super) fn keep(&mut self, name: &[u8], content: Vec<u8>) {
        if matches!(content.first(), Some(b'{' | b'[')) {
            self.size += content.len();
            self.kept.insert(name.strip_prefix(b"./").unwrap_or(name).to_vec(), content);
        }
    }

    /// Gives the layers of `level` their numbers, and shows what the configurations say, if it is an image.
    pub(super) fn apply(&self, level: &Level<'_>) {
        let images = self.saved().unwrap_or_else(|| {
            let (mut images, mut read) = (Vec::new(), HashSet::new());
            self.laid_out("index.json".to_owned(), 0, (&mut images, &mut read));
            images
        });
        let several = images.len() > 1;
        // Images share layers and configurations, and may be made to say so any number of times.
        let mut told: HashSet<&String> = HashSet::new();
        for (nth, image) in images.iter().enumerate() {
            let prefix = if several { format!("image{} ", nth + 1) } else { String::new() };
            let layers = image.layers.iter().enumerate().filter(|(_, path)| told.insert(path));
            for (layer, path) in layers {
                level.rename(path.as_bytes(), format!("{prefix}layer{}", layer + 1).as_bytes());
            }
            if !told.insert(&image.config) {
                continue;
            }
            let config = format!("{prefix}config");
            level.rename(image.config.as_bytes(), config.as_bytes());
            if let Some(said) = self.read::<Config>(&image.config) {
                said.show(&config, level);
            }
        }
    }

    fn read<'a, T: Deserialize<'a>>(&'a self, path: &str) -> Option<T> {
        serde_json::from_slice(self.kept.get(path.as_bytes())?).ok()
    }

    fn saved(&self) -> Option<Vec<Saved>> {
        self.read("manifest.json")
    }

    /// Adds the images that the description at `path` leads to, each description read once: what leads on from one to
    /// another thousands of times is no more than it is.
    fn laid_out(&self, path: String, depth: usize, (images, read): (&mut Vec<Saved>, &mut HashSet<String>)) {
        if depth == DEEPEST || read.contains(&path) {
            return;
        }
        let Some(index) = self.read::<Index>(&path) else { return };
        read.insert(path);
        if let Some(config) = index.config {
            images.push(Saved { config: config.path(), layers: index.layers.iter().map(Reference::path).collect() });
        }
        index.manifests.iter().for_each(|next| self.laid_out(next.path(), depth + 1, (images, read)));
    }
}

impl Config {
    fn show(&self, name: &str, level: &Level<'_>) {
        let show = |what: String, text: &str| level.entry(format!("{name}!{what}").as_bytes(), &mut text.as_bytes());
        if let Some(run) = &self.config {
            for variable in run.env.iter().flatten() {
                show(format!("ENV {}", variable.split('=').next().unwrap_or_default()), variable);
            }
            for (label, text) in run.labels.iter().flatten() {
                show(format!("LABEL {label}"), text);
            }
        }
        for (nth, step) in self.history.iter().enumerate() {
            show(format!("history{} {}", nth + 1, instruction(&step.created_by)), &step.created_by);
            if !step.comment.is_empty() {
                show(format!("history{} comment", nth + 1), &step.comment);
            }
        }
    }
}

/// Which instruction a step of the history is, with the name of what it sets: `ENV NAME`, `ARG NAME`, `RUN`.
fn instruction(step: &str) -> String {
    // Older builders write `/bin/sh -c #(nop)  ENV NAME=value`, and `|1 NAME=value /bin/sh -c …` of a step with arguments.
    let text = step.split_once("#(nop)").map_or(step, |(_, text)| text).trim_start();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let name = |text: &str| text.trim_start().split(['=', ' ']).next().unwrap_or_default().to_owned();
    let arguments = if word == "RUN" { rest.trim_start() } else { text };
    match (word, arguments.strip_prefix('|')) {
        ("ENV" | "ARG" | "LABEL", _) => format!("{word} {}", name(rest)),
        (_, Some(counted)) => format!("ARG {}", name(counted.trim_start_matches(|c: char| c.is_ascii_digit()))),
        _ if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase()) => word.to_owned(),
        _ => "RUN".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_by_what_they_set() {
        for (step, told) in [
            ("ENV OPENAI_API_KEY=x", "ENV OPENAI_API_KEY"),
            ("/bin/sh -c #(nop)  ENV A=b", "ENV A"),
            ("/bin/sh -c #(nop)  ARG TOKEN=b", "ARG TOKEN"),
            ("RUN |2 TOKEN=a B=c /bin/sh -c make # buildkit", "ARG TOKEN"),
            ("|1 TOKEN=a /bin/sh -c make", "ARG TOKEN"),
            ("RUN /bin/sh -c make", "RUN"),
            ("/bin/sh -c make", "RUN"),
            ("COPY . . # buildkit", "COPY"),
            ("", "RUN"),
        ] {
            assert_eq!(instruction(step), told, "{step}");
        }
    }
}
