//! Lists the files of `rules/` for `include_str!`, so that adding a provider touches one file.
//! Must not know what a rule is.

use std::{env, fs, io::Write, path::Path};

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=rules");
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    let mut files: Vec<_> = fs::read_dir(Path::new(&root).join("rules"))?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut list = fs::File::create(Path::new(&out).join("builtin_rules.rs"))?;
    writeln!(list, "&[")?;
    for file in files.iter().filter(|file| file.path().extension().is_some_and(|end| end == "toml")) {
        writeln!(list, "    ({:?}, include_str!({:?})),", file.file_name(), file.path())?;
    }
    writeln!(list, "]")
}
