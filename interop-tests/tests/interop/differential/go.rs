//! The decoders in Go, as a process that is asked.

use std::{
    collections::BTreeSet,
    io::{BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
};

/// What the process says of an input.
const REFUSED: u8 = 0;
const TAKEN: u8 = 1;

/// A running process. It ends when its stdin does.
pub(super) struct Go {
    process: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Go {
    pub(super) fn start(program: &Path) -> Self {
        let mut command = Command::new(program);
        let mut process = command.arg("decode").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (process.stdin.take(), process.stdout.take().unwrap());
        Self { process, stdin, stdout: BufReader::new(stdout) }
    }

    /// The names of all decoders.
    pub(super) fn names(&mut self) -> BTreeSet<String> {
        let names = self.decode("", &[Vec::new()]).remove(0).unwrap();
        String::from_utf8(names).unwrap().lines().map(ToOwned::to_owned).collect()
    }

    /// What a decoder makes of each input: what it has understood, or nothing if it refuses.
    pub(super) fn decode(&mut self, name: &str, inputs: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
        let (stdin, stdout) = (self.stdin.as_mut().unwrap(), &mut self.stdout);
        let requests: Vec<u8> = inputs.iter().flat_map(|input| request(name, input)).collect();
        thread::scope(|scope| {
            // Beside reading: the process answers while it is asked, and pipes are short.
            let asking = scope.spawn(move || stdin.write_all(&requests).and_then(|()| stdin.flush()));
            let answers = inputs.iter().map(|_| answer(name, stdout)).collect();
            asking.join().unwrap().unwrap();
            answers
        })
    }
}

fn request(name: &str, input: &[u8]) -> Vec<u8> {
    let size = u32::try_from(input.len()).unwrap().to_be_bytes();
    [&[u8::try_from(name.len()).unwrap()], name.as_bytes(), &size, input].concat()
}

fn answer(name: &str, stdout: &mut BufReader<ChildStdout>) -> Option<Vec<u8>> {
    let mut head = [0; 5];
    stdout.read_exact(&mut head).unwrap_or_else(|error| panic!("Go fell over {name}: {error}"));
    let [verdict, size @ ..] = head;
    let mut understood = vec![0; u32::from_be_bytes(size) as usize];
    stdout.read_exact(&mut understood).unwrap();
    match verdict {
        TAKEN => Some(understood),
        REFUSED => None,
        _ => panic!("Go has no decoder {name}"),
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.process.wait().ok();
    }
}
