//! Topics and messages that there are not, in every place of gossipsub that names one: nothing is kept of them.

use std::time::{Duration, Instant};

use futures::future::join_all;
use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::StdRng};
use tokio::time::timeout;

use crate::{
    memory::resident,
    rogue::{Control, Line, Rogue, Rpc},
    size::{seed, size},
    stage::Stage,
};

/// Rogues at once: each is read no faster than an honest peer might talk.
const ROGUES: usize = 4;

/// Topics in one frame.
const IN_FRAME: usize = 50;

/// Characters of a topic's name, and bytes of a message's id.
const NAME: usize = 20;

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

    /// So many topics, each in every place that has room for one, of which a subscription comes and goes.
    async fn random_topics(&mut self, count: usize) {
        for frame in 0..count / IN_FRAME {
            let names: Vec<_> = (0..IN_FRAME).map(|_| self.name()).collect();
            let each = |say: &dyn Fn(Rpc, &[u8]) -> Rpc| {
                names.iter().fold(Rpc::default(), |rpc, name| say(rpc, name))
            };
            self.say(each(&|rpc, name| rpc.subscription(frame % 2 == 0, name))).await;
            self.say(each(&|rpc, name| rpc.publish(name, name))).await;
            let control = names.iter().flat_map(|name| {
                let have = Control::IHave(name.clone(), vec![name.clone()]);
                [Control::Graft(name.clone()), Control::Prune(name.clone(), u64::MAX), have]
            });
            let ids = [Control::IWant(names.clone()), Control::IDontWant(names.clone())];
            self.say(Rpc::default().control(control.chain(ids))).await;
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

/// Has rogues say two halves; whatever the first leaves behind, the second must not leave it again. Says what the process has
/// grown by, in bytes.
async fn grows<'a>(rogues: &mut [Speaker<'a>], half: impl AsyncFn(&mut Speaker<'a>)) -> [usize; 2] {
    let before = resident();
    join_all(rogues.iter_mut().map(async |rogue| half(rogue).await)).await;
    let between = resident();
    join_all(rogues.iter_mut().map(async |rogue| half(rogue).await)).await;
    [between.saturating_sub(before), resident().saturating_sub(between)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "what is measured is there to be read")]
async fn random_topics_and_messages_take_no_memory_and_disturb_nobody() {
    let mut stage = Stage::new().await;
    let (topics, messages) = (size(20_000, 1_000_000), size(200, 10_000));
    let mut rogues = join_all((0..ROGUES).map(|_| Speaker::new(&stage))).await;
    let (few, start) = (topics / ROGUES / 2, Instant::now());
    let small = grows(&mut rogues, async |rogue| rogue.random_topics(few).await).await;
    let took = start.elapsed();
    let few = messages / ROGUES / 2;
    let large = grows(&mut rogues, async |rogue| rogue.large_messages(few).await).await;
    let (cuts, unheard) =
        rogues.iter().fold((0, 0), |(cuts, unheard), one| (cuts + one.cuts, unheard + one.unheard));
    drop(rogues);
    let kib = |halves: [usize; 2]| halves.map(|bytes| bytes >> 10);
    eprintln!("{topics} topics in {took:.1?}, each in seven places: {:?} KiB more in each half", kib(small));
    eprintln!("{messages} messages of 60 KiB: {:?} KiB more in each half", kib(large));
    eprintln!("cut off {cuts} times; {unheard} frames found nobody");
    stage.goes_on().await;
    // Kept, the second half would be seven names of each topic, and 60 KiB of each message.
    let most = size(16 << 20, 64 << 20);
    assert!(small[1] < most && large[1] < most, "{small:?} {large:?}");
}
