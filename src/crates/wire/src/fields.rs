//! Reads one event's fields with a visitor that borrows strings and names the field in every error.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::Deserializer;
use serde::de::Error as _;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;

/// The longest stretch that one event may cover: a day.
const MAX_DURATION_MS: u32 = 86_400_000;

/// The fields as they came, before it is known which kind needs which.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a> {
    pub(crate) kind: Option<Cow<'a, str>>,
    pub(crate) ts: Option<Cow<'a, str>>,
    pub(crate) computer_uid: Option<Cow<'a, str>>,
    pub(crate) user_sid: Option<Cow<'a, str>>,
    pub(crate) user_name: Option<Cow<'a, str>>,
    pub(crate) duration_ms: Option<u32>,
    pub(crate) app: Option<Cow<'a, str>>,
    pub(crate) title: Option<Cow<'a, str>>,
    pub(crate) url: Option<Cow<'a, str>>,
    pub(crate) browser: Option<Cow<'a, str>>,
    pub(crate) private: Option<bool>,
    pub(crate) state: Option<Cow<'a, str>>,
    pub(crate) action: Option<Cow<'a, str>>,
    pub(crate) unknown: u32,
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Fields::default();
        while let Some(Text(name)) = map.next_key::<Text<'de>>()? {
            let text = match name.as_ref() {
                "kind" => &mut fields.kind,
                "ts" => &mut fields.ts,
                "computer_uid" => &mut fields.computer_uid,
                "user_sid" => &mut fields.user_sid,
                "user_name" => &mut fields.user_name,
                "app" => &mut fields.app,
                "title" => &mut fields.title,
                "url" => &mut fields.url,
                "browser" => &mut fields.browser,
                "state" => &mut fields.state,
                "action" => &mut fields.action,
                "duration_ms" => {
                    fields.duration_ms = named(&mut map, &name)?.map(|Millis(millis)| millis);
                    continue;
                }
                "private" => {
                    fields.private = named(&mut map, &name)?;
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    fields.unknown += 1;
                    continue;
                }
            };
            *text = named(&mut map, &name)?.map(|Text(text)| text);
        }
        Ok(fields)
    }
}

fn named<'de, T: Deserialize<'de>, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<T>, A::Error> {
    map.next_value::<Option<T>>().map_err(|problem| A::Error::custom(format_args!("{name}: {problem}")))
}

/// A string that borrows from the body where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

/// Milliseconds, whole or not, of a day at most.
struct Millis(u32);

impl<'de> Deserialize<'de> for Millis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MillisVisitor;

        impl Visitor<'_> for MillisVisitor {
            type Value = Millis;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "milliseconds from 0 to {MAX_DURATION_MS}")
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
                match u32::try_from(value) {
                    Ok(millis) if millis <= MAX_DURATION_MS => Ok(Millis(millis)),
                    _ => Err(E::custom(format_args!("{value} is not from 0 to {MAX_DURATION_MS}"))),
                }
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
                Err(E::custom(format_args!("{value} is not from 0 to {MAX_DURATION_MS}")))
            }

            fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
                if (0.0..=f64::from(MAX_DURATION_MS)).contains(&value) {
                    Ok(Millis(value.round() as u32))
                } else {
                    Err(E::custom(format_args!("{value} is not from 0 to {MAX_DURATION_MS}")))
                }
            }
        }

        deserializer.deserialize_any(MillisVisitor)
    }
}
