//! Input and results, from arguments, files and stdin.

use std::path::Path;

use data_encoding::BASE64;

use crate::{
    api::{Material, MaterialFile},
    cli::Error,
};

/// Bytes as they can stand in a call.
pub(in crate::cli::commands) fn bytes(bytes: Vec<u8>) -> Material {
    match String::from_utf8(bytes) {
        Ok(text) => Material::Text(text),
        Err(other) => Material::Base64(BASE64.encode(other.as_bytes())),
    }
}

/// A file, which the daemon reads.
pub(in crate::cli::commands) fn file(path: &Path) -> Result<Material, Error> {
    let absolute = std::path::absolute(path).map_err(|error| {
        Error::usage(format!("cannot find {}: {error}", path.display()), "name a file that is there")
    })?;
    let path = absolute
        .to_str()
        .ok_or_else(|| Error::usage("the path is not UTF-8", "rename the file, or link to it"))?;
    Ok(Material::File(MaterialFile { path: path.to_owned(), name: None }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_where_they_can_be() {
        assert!(matches!(bytes("grüße\0".into()), Material::Text(text) if text == "grüße\0"));
        assert!(matches!(bytes(vec![0, 255]), Material::Base64(text) if text == "AP8="));
    }

    #[test]
    fn a_path_is_absolute() {
        let Ok(Material::File(file)) = file(Path::new("a")) else { panic!("a file") };
        assert!(Path::new(&file.path).is_absolute());
    }
}
