//! Topics and messages that there are not, in every place of gossipsub that names one: nothing is kept of them.

use std::time::Duration;

use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::StdRng};
use tokio::time::timeout;

use crate::{
    memory::resident,
    rogue::{Control, Line, Rogue, Rpc},
    size::{seed, size},
    stage::Stage,
};

/// Topics in one frame.
const IN_FRAME: usize = 100;

/// Characters of a topic's name.
const NAME: usize = 48;

/// Bytes of a message's id.
const ID: usize = 20;

/// Bytes of a message that fills a frame.
const LARGE: usize = 60 * 1024;

/// How long it tries to come back to whoever has cut it off.
const RETURN: Duration = Duration::from_secs(2);

/// A rogue that goes on at an agent, whatever that does.
struct Speaker<'a> {
    stage: &'a Stage,
    rogue: Rogue,
    line: Line,
    random: StdRng,
    /// How often the line was cut.
    cuts: usize,
    /// Frames that nobody took.
    unheard: usize,
}

impl<'a> Speaker<'a> {
    async fn new(stage: &'a Stage) -> Self {
        let rogue = Rogue::join(&stage.invite).await;
        let line = rogue.enter(&stage.alice.node.card().unwrap()).await;
        Self { stage, rogue, line, random: StdRng::seed_from_u64(seed()), cuts: 0, unheard: 0 }
    }

    async fn say(&mut self, rpc: Rpc) {
        if self.line.say(rpc.clone()).await.is_ok() {
            return;
        }
        self.cuts += 1;
        let card = self.stage.alice.node.card().unwrap();
        self.rogue.leave(card.peer_id()).await;
        match timeout(RETURN, self.rogue.try_enter(&card)).await {
            Ok(Ok(line)) => self.line = line,
            Ok(Err(_)) | Err(_) => self.unheard += 1,
        }
    }

    fn name(&mut self) -> Vec<u8> {
        (0..NAME).map(|_| self.random.random_range(b'a'..=b'z')).collect()
    }

    /// So many topics, each in every place that has room for one.
    async fn random_topics(&mut self, count: usize) {
        let collect = |names: &[Vec<u8>], say: &dyn Fn(Rpc, &[u8]) -> Rpc| {
            names.iter().fold(Rpc::default(), |rpc, name| say(rpc, name))
        };
        for _ in 0..count / IN_FRAME {
            let names: Vec<_> = (0..IN_FRAME).map(|_| self.name()).collect();
            let ids: Vec<_> = names.iter().map(|name| name[..ID].to_vec()).collect();
            self.say(collect(&names, &|rpc, name| rpc.subscription(true, name))).await;
            self.say(collect(&names, &|rpc, name| rpc.publish(name, name))).await;
            let control = Rpc::default;
            self.say(control().control(names.iter().cloned().map(Control::Graft))).await;
            let prune = |name: &Vec<u8>| Control::Prune(name.clone(), u64::MAX);
            self.say(control().control(names.iter().map(prune))).await;
            let have = |name: &Vec<u8>| Control::IHave(name.clone(), vec![name[..ID].to_vec()]);
            self.say(control().control(names.iter().map(have))).await;
            self.say(control().control([Control::IWant(ids.clone()), Control::IDontWant(ids)])).await;
            self.say(collect(&names, &|rpc, name| rpc.subscription(false, name))).await;
        }
    }

    /// So many messages that fill a frame, on topics that nobody is in.
    async fn large_messages(&mut self, count: usize) {
        for _ in 0..count {
            let (name, mut data) = (self.name(), vec![0; LARGE]);
            self.random.fill_bytes(&mut data);
            self.say(Rpc::default().publish(&name, &data)).await;
        }
    }
}

/// Has it say two halves; whatever the first leaves behind, the second must not leave it again. Says in bytes what it has.
async fn grows(speaker: &mut Speaker<'_>, half: impl AsyncFn(&mut Speaker<'_>)) -> [usize; 2] {
    let before = resident();
    half(speaker).await;
    let between = resident();
    half(speaker).await;
    [between.saturating_sub(before), resident().saturating_sub(between)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
async fn random_topics_and_messages_take_no_memory_and_disturb_nobody() {
    let mut stage = Stage::new().await;
    let topics = size(20_000, 1_000_000);
    let messages = size(200, 10_000);
    let mut speaker = Speaker::new(&stage).await;
    let small = grows(&mut speaker, async |speaker| speaker.random_topics(topics / 2).await).await;
    let large = grows(&mut speaker, async |speaker| speaker.large_messages(messages / 2).await).await;
    let (cuts, unheard) = (speaker.cuts, speaker.unheard);
    let kib = [small, large].map(|halves| halves.map(|bytes| bytes >> 10));
    eprintln!(
        "{topics} topics in 8 places each: {:?} KiB more in each half; {messages} messages of 60 KiB: {:?} KiB",
        kib[0], kib[1]
    );
    eprintln!("cut off {cuts} times, {unheard} frames found nobody");
    stage.goes_on().await;
    // Kept, the second half would be 48 bytes eight times of each topic, and 60 KiB of each message.
    let most = size(16 << 20, 64 << 20);
    assert!(small[1] < most && large[1] < most, "{small:?} {large:?}");
}
