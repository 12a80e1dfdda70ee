//! Signed requests after RFC 9421: what is signed, and the two headers that say so. The signing itself is elsewhere.
//!
//! Always signed are `@method`, `@path` and `@query`, and `content-digest` (RFC 9530) where there is a body; the
//! parameters are `created`, `nonce`, `keyid` and `alg`, which is `ecdsa-p256-sha256`.

use sfv::BareItem;
use sfv::Dictionary;
use sfv::FieldType as _;
use sfv::InnerList;
use sfv::Item;
use sfv::ListEntry;
use sfv::Parser;

/// The label under which a request carries its signature.
const LABEL: &str = "nazorat";
const ALGORITHM: &str = "ecdsa-p256-sha256";
/// A nonce needs no more.
const MOST_NONCE: usize = 64;

/// The parts of a request that a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signable<'a> {
    /// `POST`.
    pub method: &'a str,
    /// From the first slash on, as it is on the wire.
    pub path: &'a str,
    /// Without the question mark.
    pub query: Option<&'a str>,
    /// The value of `Content-Digest`, where there is a body.
    pub digest: Option<&'a str>,
}

/// The parameters of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureParams {
    /// Seconds since 1970.
    pub created: i64,
    /// Never used twice.
    pub nonce: String,
    /// Whose key.
    pub key_id: String,
}

/// A signature as it came.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// Its parameters.
    pub params: SignatureParams,
    /// The signature itself.
    pub bytes: Vec<u8>,
    covered: InnerList,
}

/// A signature that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is missing or no structured field.
    #[error("header {0} is missing or cannot be read")]
    Header(&'static str),
    /// Something must be signed and is not.
    #[error("{0} must be among the signed components")]
    NotCovered(&'static str),
    /// Something is signed that is not understood.
    #[error("another component is signed than @method, @path, @query and content-digest")]
    Unknown,
    /// A parameter is missing or of another kind.
    #[error("parameter {0} of the signature is missing or wrong")]
    Parameter(&'static str),
}

/// What is to be signed, and the value of `Signature-Input`.
pub fn signature_base(request: &Signable<'_>, params: &SignatureParams) -> Result<(String, String), SignatureError> {
    let mut names = vec!["@method", "@path", "@query"];
    names.extend(request.digest.map(|_| "content-digest"));
    let covered = inner_list(&names, params)?;
    let base = base(request, &covered)?;
    let mut input = Dictionary::new();
    input.insert(sfv::key_ref(LABEL).to_owned(), ListEntry::InnerList(covered));
    Ok((base, input.serialize().unwrap_or_default()))
}

/// The value of the header `Signature`.
pub fn signature_value(bytes: &[u8]) -> String {
    let mut fields = Dictionary::new();
    let item = Item::new(BareItem::ByteSequence(bytes.to_vec()));
    fields.insert(sfv::key_ref(LABEL).to_owned(), ListEntry::Item(item));
    fields.serialize().unwrap_or_default()
}

impl Signature {
    /// Reads the two headers.
    pub fn parse(input: &str, signature: &str) -> Result<Self, SignatureError> {
        let input: Dictionary = Parser::new(input).parse().map_err(|_| SignatureError::Header("Signature-Input"))?;
        let signature: Dictionary = Parser::new(signature).parse().map_err(|_| SignatureError::Header("Signature"))?;
        let Some((label, ListEntry::InnerList(covered))) = input.first() else {
            return Err(SignatureError::Header("Signature-Input"));
        };
        let bytes = match signature.get(label) {
            Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(bytes), .. })) => bytes.clone(),
            _ => return Err(SignatureError::Header("Signature")),
        };
        let text = |name: &'static str| match covered.params.get(sfv::key_ref(name)) {
            Some(BareItem::String(text)) => Ok(text.as_str().to_owned()),
            _ => Err(SignatureError::Parameter(name)),
        };
        let created = match covered.params.get(sfv::key_ref("created")) {
            Some(BareItem::Integer(second)) => i64::from(*second),
            _ => return Err(SignatureError::Parameter("created")),
        };
        let params = SignatureParams { created, nonce: text("nonce")?, key_id: text("keyid")? };
        if params.nonce.is_empty() || params.nonce.len() > MOST_NONCE {
            return Err(SignatureError::Parameter("nonce"));
        }
        if text("alg")? != ALGORITHM {
            return Err(SignatureError::Parameter("alg"));
        }
        Ok(Self { params, bytes, covered: covered.clone() })
    }

    /// What must have been signed for this request.
    pub fn base(&self, request: &Signable<'_>) -> Result<String, SignatureError> {
        let covers = |name: &str| self.covered.items.iter().any(|item| is_named(item, name));
        for name in ["@method", "@path", "@query"] {
            if !covers(name) {
                return Err(SignatureError::NotCovered(name));
            }
        }
        if request.digest.is_some() && !covers("content-digest") {
            return Err(SignatureError::NotCovered("content-digest"));
        }
        base(request, &self.covered)
    }
}

fn is_named(item: &Item, name: &str) -> bool {
    matches!(&item.bare_item, BareItem::String(text) if text.as_str() == name) && item.params.is_empty()
}

fn inner_list(names: &[&str], params: &SignatureParams) -> Result<InnerList, SignatureError> {
    let string = |text: &str, name| {
        sfv::String::from_string(text.to_owned()).map(BareItem::String).map_err(|_| SignatureError::Parameter(name))
    };
    let mut list = InnerList::default();
    for name in names {
        list.items.push(Item::new(string(name, "name")?));
    }
    let created = sfv::Integer::try_from(params.created).map_err(|_| SignatureError::Parameter("created"))?;
    list.params.insert(sfv::key_ref("created").to_owned(), BareItem::Integer(created));
    for (name, value) in [("nonce", &*params.nonce), ("keyid", &*params.key_id), ("alg", ALGORITHM)] {
        list.params.insert(sfv::key_ref(name).to_owned(), string(value, name)?);
    }
    Ok(list)
}

/// The signature base of section 2.5.
fn base(request: &Signable<'_>, covered: &InnerList) -> Result<String, SignatureError> {
    let mut base = String::new();
    for item in &covered.items {
        let name = match &item.bare_item {
            BareItem::String(text) if item.params.is_empty() => text.as_str(),
            _ => return Err(SignatureError::Unknown),
        };
        let value = match name {
            "@method" => request.method.to_owned(),
            "@path" => request.path.to_owned(),
            "@query" => format!("?{}", request.query.unwrap_or_default()),
            "content-digest" => request.digest.ok_or(SignatureError::NotCovered("content-digest"))?.to_owned(),
            _ => return Err(SignatureError::Unknown),
        };
        base.push_str(&format!("\"{name}\": {value}\n"));
    }
    let params = vec![ListEntry::InnerList(covered.clone())].serialize().unwrap_or_default();
    base.push_str("\"@signature-params\": ");
    base.push_str(&params);
    Ok(base)
}

#[cfg(test)]
mod tests {
    use super::Signable;
    use super::Signature;
    use super::SignatureError;
    use super::SignatureParams;
    use super::signature_base;
    use super::signature_value;

    const REQUEST: Signable<'static> = Signable {
        method: "POST",
        path: "/v2/ingest/logs",
        query: None,
        digest: Some("sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"),
    };

    fn params() -> SignatureParams {
        SignatureParams { created: 1_795_334_400, nonce: "n-1".to_owned(), key_id: "abc".to_owned() }
    }

    #[test]
    fn the_base_is_that_of_the_rfc() {
        let (base, input) = signature_base(&REQUEST, &params()).unwrap();
        let list = "(\"@method\" \"@path\" \"@query\" \"content-digest\");created=1795334400;nonce=\"n-1\";\
                    keyid=\"abc\";alg=\"ecdsa-p256-sha256\"";
        assert_eq!(input, format!("nazorat={list}"));
        assert_eq!(
            base,
            format!(
                "\"@method\": POST\n\"@path\": /v2/ingest/logs\n\"@query\": ?\n\"content-digest\": \
                 sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:\n\"@signature-params\": {list}"
            )
        );
    }

    #[test]
    fn both_sides_build_the_same_base() {
        let (base, input) = signature_base(&REQUEST, &params()).unwrap();
        let signature = Signature::parse(&input, &signature_value(b"signed")).unwrap();
        assert_eq!(signature.params, params());
        assert_eq!(signature.bytes, b"signed");
        assert_eq!(signature.base(&REQUEST).as_deref(), Ok(&*base));
        let changed = Signable { path: "/v2/ingest/other", ..REQUEST };
        assert_ne!(signature.base(&changed).unwrap(), base);
        // Another client may order the parameters as it likes and use another label.
        let other = "sig1=(\"@query\" \"@method\" \"@path\" \"content-digest\");alg=\"ecdsa-p256-sha256\";\
                     keyid=\"k\";created=1;nonce=\"x\"";
        let signature = Signature::parse(other, "sig1=:AAAA:").unwrap();
        let base = signature.base(&REQUEST).unwrap();
        assert!(base.starts_with("\"@query\": ?\n") && base.ends_with(other.strip_prefix("sig1=").unwrap()), "{base}");
    }

    #[test]
    fn what_is_not_signed_or_not_understood_is_refused() {
        let parse = |list: &str, rest: &str| Signature::parse(&format!("a=({list}){rest}"), "a=:AAAA:");
        let all = ";created=1;nonce=\"x\";keyid=\"k\";alg=\"ecdsa-p256-sha256\"";
        let base = |list: &str| parse(list, all).unwrap().base(&REQUEST).unwrap_err();
        assert_eq!(base("\"@method\" \"@path\""), SignatureError::NotCovered("@query"));
        assert_eq!(base("\"@method\" \"@path\" \"@query\""), SignatureError::NotCovered("content-digest"));
        let more = "\"@method\" \"@path\" \"@query\" \"content-digest\" \"date\"";
        assert_eq!(base(more), SignatureError::Unknown);
        for (rest, name) in [
            (";nonce=\"x\";keyid=\"k\";alg=\"ecdsa-p256-sha256\"", "created"),
            (";created=\"1\";nonce=\"x\";keyid=\"k\";alg=\"ecdsa-p256-sha256\"", "created"),
            (";created=1;keyid=\"k\";alg=\"ecdsa-p256-sha256\"", "nonce"),
            (";created=1;nonce=\"\";keyid=\"k\";alg=\"ecdsa-p256-sha256\"", "nonce"),
            (";created=1;nonce=\"x\";keyid=\"k\";alg=\"hmac-sha256\"", "alg"),
        ] {
            assert_eq!(parse("\"@method\"", rest).unwrap_err(), SignatureError::Parameter(name), "{rest}");
        }
        for (input, signature) in [("", "a=:AA==:"), ("a=1", "a=:AA==:"), ("a=()", ""), ("a=(", "a=:AA==:")] {
            assert!(Signature::parse(input, signature).is_err(), "{input} {signature}");
        }
    }
}
