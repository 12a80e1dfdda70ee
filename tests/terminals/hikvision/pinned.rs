//! HTTPS with the terminal's own certificate: this one, and no other.

use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;

use nazorat::adapters::DeviceError;
use nazorat::kernel::Fingerprint;
use rustls::ServerConfig;
use rustls::ServerConnection;
use rustls::StreamOwned;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Kept;
use super::session;

/// Answers every connection with 404 over TLS; ends with the test.
fn serve() -> (SocketAddr, Fingerprint) {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["terminal".to_owned()]).unwrap().self_signed(&key).unwrap();
    let fingerprint = Fingerprint::of(certificate.der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let secret = rustls_pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], secret).unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), socket);
            let mut start = [0; 1024];
            if stream.read(&mut start).is_ok() {
                drop(stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                stream.conn.send_close_notify();
                drop(stream.flush());
            }
        }
    });
    (address, fingerprint)
}

#[tokio::test]
async fn only_the_pinned_certificate_is_spoken_with() {
    let (address, fingerprint) = serve();
    let kept = Arc::new(Kept::default());
    let run = async |settings| session(address, settings, &kept).run(CancellationToken::new()).await.unwrap_err();
    let with = |pin: String| json!({ "https": true, "certificate_sha256": pin });
    // The request went through: the answer is the terminal's own.
    let told = run(with(fingerprint.to_string())).await;
    assert!(matches!(&told, DeviceError::Unsupported(text) if text.contains("404")), "{told:?}");
    let told = run(with(Fingerprint::of(b"another").to_string())).await;
    assert!(matches!(&told, DeviceError::Unreachable(text) if text.contains(&fingerprint.to_string())), "{told:?}");
    let told = run(json!({ "https": true })).await;
    assert!(matches!(&told, DeviceError::Unreachable(_)), "{told:?}");
}
