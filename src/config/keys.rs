//! Every key, its type, its default and what it means. The comments are the ones in `appliance/nazorat.toml`.

use std::net::SocketAddr;

use crate::runtime::telemetry::Format;

/// A section of the file, for the text that people read.
pub(super) struct Section {
    pub(super) name: &'static str,
    pub(super) about: &'static [&'static str],
    pub(super) keys: &'static [Key],
}

/// A key of a section.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) about: &'static [&'static str],
}

macro_rules! sections {
    ($(
        $(#[doc = $about:literal])+
        $section:ident: $Section:ident {
            $( $(#[doc = $doc:literal])+ $key:ident: $type:ty = $default:expr, )+
        }
    )+) => {
        /// The whole configuration.
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize, serde::Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Config {
            $( $(#[doc = $about])+ pub $section: $Section, )+
        }
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, PartialEq, serde::Deserialize, serde::Serialize)]
            #[serde(default, deny_unknown_fields)]
            pub struct $Section {
                $( $(#[doc = $doc])+ pub $key: $type, )+
            }

            impl Default for $Section {
                fn default() -> Self {
                    Self { $( $key: $default, )+ }
                }
            }
        )+
        pub(super) const SECTIONS: &[Section] = &[$(
            Section {
                name: stringify!($section),
                about: &[$($about),+],
                keys: &[$( Key { name: stringify!($key), about: &[$($doc),+] }, )+],
            },
        )+];
    };
}

sections! {
    /// What listens. An address is "IP:PORT"; port 0 takes any free one; "off" listens nowhere.
    http: Http {
        /// HTTPS for people, agents and gateways.
        listen: Listen = Listen::at([0, 0, 0, 0], 8443),
        /// Plain HTTP for programs on this machine: health, metrics, a reverse proxy. Keep it on a loopback address.
        plain: Listen = Listen::at([127, 0, 0, 1], 8080),
        /// Plain HTTP for terminals that can do no better. Not served by this version yet; leave it "off".
        devices: Listen = Listen::Off,
        /// Further DNS names under which people open Nazorat; they are written into the built-in certificate.
        names: Vec<String> = Vec::new(),
        /// Your own certificate chain and key (PEM files). Empty: Nazorat makes them with its built-in CA.
        tls_certificate: String = String::new(),
        /// The key to `tls_certificate`. Both files are read again when they change.
        tls_key: String = String::new(),
    }
    /// Where data is kept.
    storage: Storage {
        /// The data folder. One process at a time may use it.
        data_dir: String = "/var/lib/nazorat".to_owned(),
        /// Memory for events and reports, such as "512MB" or "2GB". Empty: a quarter of what the machine allows.
        memory_limit: String = String::new(),
        /// Where screenshots and other files go: a folder, or "s3://BUCKET/PREFIX". Empty: `files` in the data folder.
        files: String = String::new(),
        /// For "s3://": the address of the service, such as "https://minio.example.com:9000". Empty: Amazon's.
        s3_endpoint: String = String::new(),
        /// For "s3://": the region.
        s3_region: String = "us-east-1".to_owned(),
        /// For "s3://": the access key.
        s3_access_key: String = String::new(),
        /// For "s3://": a file that holds the secret key and that only the service may read.
        s3_secret_key_file: String = String::new(),
    }
    /// What agents may send.
    ingest: Ingest {
        /// Serves the ActivityWatch API on the plain listener, which knows no keys: only for trying things out.
        activitywatch: bool = false,
        /// Events older than this many days are set aside as rejected.
        accept_days: u32 = 60,
    }
    /// How long people stay signed in.
    sessions: Sessions {
        /// Minutes without a click after which one has to sign in again.
        idle_minutes: u32 = 60,
        /// Hours after which one has to sign in again in any case.
        absolute_hours: u32 = 12,
    }
    /// What Nazorat tells about itself. Names, window titles, addresses and keys never reach a log.
    telemetry: Telemetry {
        /// How much is logged: error, warn, info, debug, trace; or by place, such as "nazorat=debug,info".
        log: String = "info".to_owned(),
        /// "text" for people, "json" for machines.
        format: Format = Format::Text,
        /// Where traces go (OTLP over HTTP), such as "http://127.0.0.1:4318/v1/traces". Empty: nowhere.
        otlp_endpoint: String = String::new(),
    }
    /// Of the mode `nazorat gateway`, the box of a branch, which shares this file.
    gateway: Gateway {
        /// Empty: the appliance that the gateway has joined with `nazorat gateway --join TOKEN`. For a gateway that sends
        /// with a plain API key instead, the address of the appliance, such as "https://nazorat.example.com:8443".
        server: String = String::new(),
        /// Where agents of the local network send to.
        listen: Listen = Listen::at([0, 0, 0, 0], 4100),
        /// Where terminals come to that can only push, such as "0.0.0.0:8081": plain HTTP, so keep it inside of the network of
        /// the terminals.
        devices: Listen = Listen::Off,
        /// A folder with programs of your own that serve devices which Nazorat does not know, such as "/etc/nazorat/adapters".
        /// The appliance chooses among its files, and nobody but root and the service may write to it. Empty: none is run.
        adapters: String = String::new(),
        /// With `server`: a file that holds an API key and that only the service may read.
        key_file: String = String::new(),
        /// With `server`: the appliance's `pki/ca.pem`, if it uses its built-in CA. Empty: the system's own authorities are
        /// believed.
        ca_file: String = String::new(),
        /// How much may wait while the line is down, such as "512MB" or "2GB": of events, and as much of screenshots.
        buffer: String = "2GB".to_owned(),
        /// For how many days it may wait, 1 to 60. What is older is given up, and the appliance is told how much it was.
        buffer_days: u16 = 7,
        /// The most kilobytes in a second that events may take of the line. 0: no limit.
        limit_kb_per_second: u32 = 0,
        /// The wall clock of the branch; older agents send times without an offset.
        time_zone: String = "Asia/Tashkent".to_owned(),
    }
    /// Of the mode `nazorat agent`, the relay on a workplace computer, which shares this file.
    agent: Agent {
        /// The gateway or the appliance that receives what the agent collects, such as "https://nazorat.example.com:8443".
        forward_to: String = String::new(),
        /// Where ActivityWatch watchers send to. They expect this address; it must be one of this machine only.
        listen: Listen = Listen::at([127, 0, 0, 1], 5600),
        /// A file that holds an API key and that only the agent's account may read.
        key_file: String = String::new(),
        /// The appliance's `pki/ca.pem`, if it uses its built-in CA. Empty: the system's own authorities are believed.
        ca_file: String = String::new(),
        /// How much may wait on this computer while the network is away, such as "512MB" or "2GB".
        buffer: String = "2GB".to_owned(),
        /// For how many days it may wait, 1 to 60.
        buffer_days: u16 = 7,
        /// Look oneself which window is in front and whether there is input (X11), instead of ActivityWatch's watchers.
        watch: bool = false,
    }
}

/// An address to listen at, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Nothing listens.
    Off,
    /// Something listens here.
    At(SocketAddr),
}

impl Listen {
    fn at(ip: [u8; 4], port: u16) -> Self {
        Self::At(SocketAddr::from((ip, port)))
    }

    /// The address, if something listens.
    pub const fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Off => None,
            Self::At(address) => Some(address),
        }
    }
}

impl serde::Serialize for Listen {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_str("off"),
            Self::At(address) => serializer.collect_str(address),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Listen {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "off" | "" => Ok(Self::Off),
            text => text.parse().map(Self::At).map_err(|_| {
                serde::de::Error::custom(format!(
                    "{text:?} is not an address; write \"IP:PORT\", such as \"127.0.0.1:8080\", or \"off\""
                ))
            }),
        }
    }
}
