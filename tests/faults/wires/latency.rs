//! A line on which everything takes its time, in both directions.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Pieces that may be under way on one connection.
const UNDER_WAY: usize = 1_000;

/// Everything that is sent to this address reaches the other one later, and back.
#[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
pub(super) async fn late(to: SocketAddr, by: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(async move {
                let Ok(far) = TcpStream::connect(to).await else { return };
                let (near, far) = (near.into_split(), far.into_split());
                tokio::join!(carry(near.0, far.1, by), carry(far.0, near.1, by));
            });
        }
    });
    address
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, by: Duration) {
    let (put, mut get) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let reads = async move {
        let mut piece = vec![0; 16_384];
        while let Ok(read @ 1..) = from.read(&mut piece).await {
            let due = Instant::now() + by;
            if put.send((due, piece.get(..read).unwrap_or_default().to_vec())).await.is_err() {
                return;
            }
        }
    };
    let writes = async move {
        while let Some((due, piece)) = get.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
        drop(to.shutdown().await);
    };
    tokio::join!(reads, writes);
}
