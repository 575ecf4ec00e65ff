//! An issuer of keys on this machine: it answers over real sockets as it is told to, and keeps what it was asked.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// How it answers one request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Status, headers (each with its line end) and body.
    Say(u16, String, String),
    /// Nothing, for so long.
    Hang(Duration),
    /// A byte at a time, with a pause before each, for ever.
    Drip(Duration),
    /// The connection is cut.
    Reset,
    /// A body of so many bytes.
    Flood(usize),
}

/// A request, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `GET /v1/models`
    pub(crate) line: String,
    /// Lines as sent.
    pub(crate) headers: Vec<String>,
    /// How many bytes came with it.
    pub(crate) body: usize,
}

/// The server, until it is dropped.
pub(crate) struct Issuer {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Issuer {
    /// Answers each request with what `answer` says of it.
    pub(crate) fn new(answer: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &kept, &*answer));
            }
        });
        Self { address, asked }
    }

    /// Answers each request with one and the same.
    pub(crate) fn saying(status: u16, body: &str) -> Self {
        let answer = Answer::Say(status, String::new(), body.to_owned());
        Self::new(move |_, _| answer.clone())
    }

    /// All that it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no thread has failed").clone()
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked, usize) -> Answer) {
    let mut reader = BufReader::new(stream.try_clone().expect("it is open"));
    let mut stream = stream;
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let line = lines.remove(0).trim_end_matches(" HTTP/1.1").to_owned();
        let length = |line: &String| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
        let body: usize = lines.iter().find_map(length).unwrap_or(0);
        let _ = reader.read_exact(&mut vec![0; body]);
        let asked = Asked { line, headers: lines, body };
        let nth = {
            let mut kept = kept.lock().expect("no thread has failed");
            kept.push(asked.clone());
            kept.len()
        };
        if speak(&mut stream, answer(&asked, nth)).is_err() {
            return;
        }
    }
}

fn speak(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::Say(status, headers, body) => {
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
        }
        Answer::Hang(pause) => {
            thread::sleep(pause);
            Err(std::io::ErrorKind::TimedOut.into())
        }
        Answer::Drip(pause) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")?;
            loop {
                thread::sleep(pause);
                stream.write_all(b" ")?;
            }
        }
        Answer::Reset => Err(std::io::ErrorKind::ConnectionReset.into()),
        Answer::Flood(size) => {
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n")?;
            let part = vec![b'x'; 1 << 16];
            for _ in 0..size / part.len() {
                stream.write_all(&part)?;
            }
            Ok(())
        }
    }
}
