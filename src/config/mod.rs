//! The configuration of the whole program: a file, the environment, two options of the command line.
//!
//! `keys.rs` is the one list of keys; the structs, the defaults, the comments and `appliance/nazorat.toml` come from
//! it. Later sources win: defaults, file, `NAZORAT_SECTION__KEY`, options. Each is held to the same rules, and a
//! wrong value is refused with the name of the key and of the place where it stands.
//!
//! Only `main` and `cli` use this; each mode defines its own `Config` and receives it ready and checked.

mod keys;
mod settings;
mod source;

pub use keys::{Config, Listen};
pub use source::{ConfigError, Sources};

/// The committed example: every key with its default and what it means.
pub fn template() -> String {
    let mut text = String::from(
        "# Nazorat reads this file at start: nazorat serve --config FILE\n\
         # Every key is shown with its default; a key that is left out keeps it. Unknown keys are refused.\n\
         # The environment wins over the file: NAZORAT_HTTP__LISTEN=127.0.0.1:8443 sets listen in [http].\n\
         # Check what you wrote with `nazorat config check`, see the result with `nazorat config show`.\n",
    );
    render(&mut text, &Config::default(), Comments::Shown);
    text
}

impl Config {
    /// All values as they are in force, without comments.
    pub fn show(&self) -> String {
        let mut text = String::new();
        render(&mut text, self, Comments::Left);
        text.trim_start().to_owned()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comments {
    Shown,
    Left,
}

fn render(text: &mut String, config: &Config, comments: Comments) {
    let table = toml::Table::try_from(config).expect("plain values always turn into a table");
    let comment = |text: &mut String, lines: &[&str]| {
        for line in lines.iter().filter(|_| comments == Comments::Shown) {
            text.push('#');
            text.push_str(line.trim_end());
            text.push('\n');
        }
    };
    for section in keys::SECTIONS {
        text.push('\n');
        comment(text, section.about);
        text.push_str(&format!("[{}]\n", section.name));
        for key in section.keys {
            comment(text, key.about);
            let value = table.get(section.name).and_then(|section| section.get(key.name));
            if let Some(value) = value {
                text.push_str(&format!("{} = {value}\n", key.name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Config;
    use super::template;

    #[test]
    fn the_template_says_nothing_but_defaults() {
        let read: Config = toml::from_str(&template()).unwrap();
        assert_eq!(read, Config::default());
    }

    #[test]
    fn every_key_has_a_comment() {
        for section in super::keys::SECTIONS {
            assert!(!section.about.is_empty(), "[{}] has no comment", section.name);
            for key in section.keys {
                assert!(!key.about.is_empty(), "[{}] {} has no comment", section.name, key.name);
            }
        }
    }
}
