//! Lists the files of `rules/` for `include_str!`, so that adding a provider or a family of lints touches one file, and
//! adds them up, so that what was worked out of others is not used, and counts the rules. Takes out what issuers are
//! called, which every scan has to know, so that most need to read none of the files. Must not know what a rule is.

use std::{
    env, fs,
    io::{self, Write},
    path::Path,
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    let rules = Path::new(&root).join("rules");
    let (mut sum, mut lints_sum, mut speech, mut secrets) = (Sum::default(), Sum::default(), Speech::default(), 0);
    let mut list = fs::File::create(Path::new(&out).join("builtin_rules.rs"))?;
    writeln!(list, "&[")?;
    // Lints speak of what the providers have said of themselves, which therefore comes first.
    for folder in ["", "hygiene/"] {
        let mut files: Vec<_> = fs::read_dir(rules.join(folder))?.collect::<Result<_, _>>()?;
        files.sort_by_key(fs::DirEntry::file_name);
        for file in files.iter().filter(|file| file.path().extension().is_some_and(|end| end == "toml")) {
            let name = format!("{folder}{}", file.file_name().to_string_lossy());
            let text = fs::read_to_string(file.path())?;
            if folder.is_empty() {
                sum.add(text.as_bytes());
                secrets += speech.add(&text).map_err(io::Error::other)?;
            } else {
                lints_sum.add(text.as_bytes());
            }
            // From where the package lies now: a checkout may be moved with what was built in it.
            let path = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), {:?})", format!("/rules/{name}"));
            writeln!(list, "    ({name:?}, include_str!({path})),")?;
        }
    }
    writeln!(list, "]")?;
    fs::write(Path::new(&out).join("builtin_speech.rs"), format!("(&{:?}, &{:?})", speech.words, speech.variables))?;
    speech.words.iter().chain(&speech.variables).for_each(|word| lints_sum.add(word.as_bytes()));
    fs::write(Path::new(&out).join("builtin_lints_sum.rs"), lints_sum.0.to_string())?;
    fs::write(Path::new(&out).join("builtin_count.rs"), secrets.to_string())?;
    fs::write(Path::new(&out).join("builtin_sum.rs"), sum.0.to_string())
}

/// How programs speak of issuers, and name their keys.
#[derive(Default)]
struct Speech {
    words: Vec<String>,
    variables: Vec<String>,
}

impl Speech {
    /// Adds what a rule file says of it, and counts the file's rules.
    fn add(&mut self, text: &str) -> Result<usize, toml::de::Error> {
        let file: toml::Table = text.parse()?;
        let list = |name: &str| {
            let list = file.get("speech").and_then(|speech| speech.get(name)).and_then(toml::Value::as_array);
            list.into_iter().flatten().filter_map(toml::Value::as_str).map(str::to_owned)
        };
        self.words.extend(list("words"));
        self.variables.extend(list("variables"));
        Ok(file.get("rule").and_then(toml::Value::as_array).map_or(0, Vec::len))
    }
}

/// A sum of bytes by the method of Fowler, Noll and Vo: nobody has an interest in another text with the same.
struct Sum(u64);

impl Default for Sum {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Sum {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
