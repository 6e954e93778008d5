use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*};

use super::*;

/// What a window is, without forgetting anything: a set of all that was taken.
#[derive(Default)]
struct Naive {
    newest: Option<Position>,
    had: BTreeSet<Position>,
}

impl Naive {
    fn take(&mut self, position: Position) -> bool {
        if let Some(newest) = self.newest {
            let old = position.epoch < newest.epoch;
            let late = position.epoch == newest.epoch && newest.seq.saturating_sub(position.seq) >= WINDOW;
            if old || late {
                return false;
            }
        }
        self.newest = self.newest.max(Some(position));
        self.had.insert(position)
    }
}

/// Numbers that lie close together, at the beginning, in the middle or at the end of all there are.
fn positions() -> impl Strategy<Value = Vec<Position>> {
    let bases = prop_oneof![Just(0), Just(u64::MAX - 5_000), 0..u64::MAX - 5_000];
    let epochs = prop_oneof![8 => Just(0_u64), 1 => 0..3_u64];
    (bases, vec((epochs, prop_oneof![0..40_u64, 0..2_500_u64, 1_000..1_100_u64]), 1..300)).prop_map(
        |(base, numbers)| {
            numbers.into_iter().map(|(epoch, seq)| Position { epoch, seq: base + seq }).collect()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_window_takes_what_a_set_would(positions in positions()) {
        let (mut window, mut naive) = (Window::default(), Naive::default());
        for position in positions {
            prop_assert_eq!(window.take(position), naive.take(position), "{}", position);
            prop_assert_eq!(window.newest(), naive.newest);
            prop_assert!(!window.take(position), "{} twice", position);
        }
    }
}

fn at(epoch: u64, seq: u64) -> Position {
    Position { epoch, seq }
}

#[test]
fn what_comes_late_is_taken_as_long_as_it_is_remembered() {
    let mut window = Window::default();
    assert!(window.take(at(1, WINDOW)));
    assert!(window.take(at(1, 1)), "the oldest that is remembered");
    assert!(!window.take(at(1, 0)), "too old");
    assert!(window.take(at(1, WINDOW + 1)));
    assert!(!window.take(at(1, 1)), "too old by now");
    assert!(window.take(at(1, 2)) && !window.take(at(1, 2)));
}

#[test]
fn an_epoch_ends_those_before_it() {
    let mut window = Window::default();
    assert!(window.take(at(5, 100)) && window.take(at(6, 1)));
    assert!(!window.take(at(5, 101)), "of an older epoch");
    assert!(window.take(at(6, 100)), "the number of an event of another epoch");
}

#[test]
fn the_ends_of_all_numbers_are_ordinary() {
    let mut window = Window::default();
    assert!(window.take(at(0, 0)) && !window.take(at(0, 0)));
    assert!(window.take(at(0, u64::MAX)) && window.take(at(0, u64::MAX - WINDOW + 1)));
    assert!(!window.take(at(0, u64::MAX - WINDOW)) && !window.take(at(0, u64::MAX)));
    assert!(window.take(at(u64::MAX, 0)) && window.take(at(u64::MAX, u64::MAX)));
}
