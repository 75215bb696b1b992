//! An address before node B that can be taken away, as the recorded rig had one.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub(crate) struct Relay {
    pub(crate) port: u16,
    target: u16,
    hangs: Arc<AtomicBool>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Relay {
    /// A free port that refuses for now.
    pub(crate) async fn new(target: u16) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        Self { port, target, hangs: Arc::default(), task: Mutex::default() }
    }

    /// Passes everything on.
    pub(crate) async fn up(&self) {
        self.hangs.store(false, Ordering::SeqCst);
        self.listen().await;
    }

    /// Accepts, and then says nothing.
    pub(crate) async fn hang(&self) {
        self.hangs.store(true, Ordering::SeqCst);
        self.listen().await;
    }

    /// Refuses, and cuts what is open.
    pub(crate) async fn down(&self) {
        let task = self.task.lock().unwrap().take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }

    /// Its port again. A connection that somebody else opens may have it for a moment.
    async fn bound(&self) -> TcpListener {
        for _ in 0..200 {
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", self.port)).await {
                return listener;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("port {} stays taken", self.port);
    }

    async fn listen(&self) {
        self.down().await;
        let listener = self.bound().await;
        let (target, hangs) = (self.target, Arc::clone(&self.hangs));
        let task = tokio::spawn(async move {
            // Dropped with the task, and so cut with it.
            let mut open = tokio::task::JoinSet::new();
            while let Ok((mut from, _)) = listener.accept().await {
                let hangs = hangs.load(Ordering::SeqCst);
                open.spawn(async move {
                    if hangs {
                        std::future::pending::<()>().await;
                    }
                    if let Ok(mut to) = TcpStream::connect(("127.0.0.1", target)).await {
                        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
                    }
                });
            }
        });
        *self.task.lock().unwrap() = Some(task);
    }
}
