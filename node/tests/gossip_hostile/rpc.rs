//! Frames of gossipsub, byte by byte: what no library would write can be written.

/// Fields of an RPC.
const SUBSCRIPTION: u64 = 1;
const PUBLISH: u64 = 2;
const CONTROL: u64 = 3;

/// Fields of a message in it.
const DATA: u64 = 2;
const TOPIC: u64 = 4;

/// One frame that is being put together.
#[derive(Debug, Default, Clone)]
pub(crate) struct Rpc(Vec<u8>);

impl Rpc {
    /// Joins or leaves a topic, whose name need not be text.
    pub(crate) fn subscription(self, joins: bool, topic: &[u8]) -> Self {
        self.field(SUBSCRIPTION, &[number(1, joins.into()), bytes(2, topic)].concat())
    }

    /// A message without author, number or signature, as they are in Airway.
    pub(crate) fn publish(self, topic: &[u8], data: &[u8]) -> Self {
        self.field(PUBLISH, &[bytes(DATA, data), bytes(TOPIC, topic)].concat())
    }

    /// One control message with all of these in it.
    pub(crate) fn control(self, said: impl IntoIterator<Item = Control>) -> Self {
        let said: Vec<_> = said.into_iter().flat_map(Control::into_bytes).collect();
        self.field(CONTROL, &said)
    }

    /// Any field.
    pub(crate) fn field(mut self, field: u64, value: &[u8]) -> Self {
        self.0.extend(bytes(field, value));
        self
    }

    /// As it travels: behind its length.
    pub(crate) fn into_frame(self) -> Vec<u8> {
        framed(&self.0)
    }
}

/// What peers say of topics and messages.
#[derive(Debug, Clone)]
pub(crate) enum Control {
    /// It has these messages.
    IHave(Vec<u8>, Vec<Vec<u8>>),
    /// It wants them.
    IWant(Vec<Vec<u8>>),
    /// It takes us into its mesh.
    Graft(Vec<u8>),
    /// It drops us from its mesh, and does not want us back for so many seconds.
    Prune(Vec<u8>, u64),
    /// It does not want them.
    IDontWant(Vec<Vec<u8>>),
}

impl Control {
    fn into_bytes(self) -> Vec<u8> {
        let ids =
            |field, ids: Vec<Vec<u8>>| ids.iter().flat_map(move |id| bytes(field, id)).collect::<Vec<_>>();
        match self {
            Self::IHave(topic, have) => bytes(1, &[bytes(1, &topic), ids(2, have)].concat()),
            Self::IWant(want) => bytes(2, &ids(1, want)),
            Self::Graft(topic) => bytes(3, &bytes(1, &topic)),
            Self::Prune(topic, backoff) => bytes(4, &[bytes(1, &topic), number(3, backoff)].concat()),
            Self::IDontWant(unwanted) => bytes(5, &ids(1, unwanted)),
        }
    }
}

/// The data of all messages in a frame that has lost its length; what is malformed has none.
pub(crate) fn published(frame: &[u8]) -> Vec<Vec<u8>> {
    let messages = fields(frame).into_iter().filter(|(field, _)| *field == PUBLISH);
    let data = messages.flat_map(|(_, message)| fields(message));
    data.filter(|(field, _)| *field == DATA).map(|(_, data)| data.to_vec()).collect()
}

/// The fields of a message that are bytes, as far as it can be read.
fn fields(mut message: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while let Some((tag, rest)) = read_varint(message) {
        let Some((value, rest)) = read_varint(rest) else { break };
        message = rest;
        if tag & 7 == 2 {
            let Some((bytes, rest)) = usize::try_from(value).ok().and_then(|len| rest.split_at_checked(len))
            else {
                break;
            };
            found.push((tag >> 3, bytes));
            message = rest;
        }
    }
    found
}

fn read_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let last = bytes.iter().take(10).position(|byte| byte & 0x80 == 0)?;
    let (number, rest) = bytes.split_at(last + 1);
    let value = number.iter().rev().fold(0_u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((value, rest))
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), framed(value)].concat()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

/// Bytes behind their length.
pub(crate) fn framed(bytes: &[u8]) -> Vec<u8> {
    [varint(bytes.len() as u64), bytes.to_vec()].concat()
}

/// A number as protobuf writes it.
pub(crate) fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
