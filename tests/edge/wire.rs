//! A wire that is cut where a test wants it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

/// After how many bytes in which direction.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cut {
    /// Towards the hop.
    Up(usize),
    /// From the hop: it has the batch, and the answer is cut.
    Down(usize),
}

/// Forwards connections, and cuts one of them when it was told to.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    next: Arc<Mutex<Option<Cut>>>,
    open: Arc<Mutex<Vec<tokio::task::AbortHandle>>>,
}

impl Proxy {
    #[expect(clippy::disallowed_methods, reason = "the runtime of the test ends with it")]
    pub(crate) async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Self { address, next: Arc::default(), open: Arc::default() };
        let own = proxy.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let cut = own.next.lock().unwrap().take();
                let task = tokio::spawn(connect(client, to, cut));
                own.open.lock().unwrap().push(task.abort_handle());
            }
        });
        proxy
    }

    /// The next connection is cut; those that are open are closed, so that there is a next one.
    pub(crate) fn cut_next(&self, cut: Cut) {
        *self.next.lock().unwrap() = Some(cut);
        self.open.lock().unwrap().drain(..).for_each(|task| task.abort());
    }

    pub(crate) fn has_cut(&self) -> bool {
        self.next.lock().unwrap().is_none()
    }
}

async fn connect(mut client: TcpStream, to: SocketAddr, cut: Option<Cut>) {
    let mut server = TcpStream::connect(to).await.unwrap();
    let (mut up, mut down) = (usize::MAX, usize::MAX);
    match cut {
        Some(Cut::Up(bytes)) => up = bytes,
        Some(Cut::Down(bytes)) => down = bytes,
        None => {}
    }
    let (mut from_client, mut from_server) = (vec![0; 16 << 10], vec![0; 16 << 10]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(count @ 1..) = read else { return };
                let pass = count.min(up);
                up -= pass;
                if server.write_all(&from_client[..pass]).await.is_err() || pass < count {
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(count @ 1..) = read else { return };
                let pass = count.min(down);
                down -= pass;
                if client.write_all(&from_server[..pass]).await.is_err() || pass < count {
                    return;
                }
            }
        }
    }
}
