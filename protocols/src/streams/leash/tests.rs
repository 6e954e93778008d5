use std::{
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::*;

/// Uses a stream as if something went through it.
fn use_once(tether: &Tether, through: &AtomicUsize) -> io::Result<()> {
    let mut cx = Context::from_waker(Waker::noop());
    let outcome = tether.poll(Half::Write, &mut cx, |_| {
        through.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Ok(()))
    });
    match outcome {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => unreachable!(),
    }
}

#[test]
fn a_cut_waits_for_a_use_that_is_under_way() {
    let leash = Arc::new(Leash::default());
    let tether = leash.tie();
    let (begun, has_returned) = (Barrier::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = tether.poll(Half::Read, &mut cx, |_| {
                begun.wait();
                // The cut has all the time that it needs to get past us.
                for _ in 0..100 {
                    assert!(!has_returned.load(Ordering::SeqCst), "the cut has returned meanwhile");
                    thread::sleep(std::time::Duration::from_millis(1));
                }
                Poll::Ready(Ok(()))
            });
        });
        begun.wait();
        leash.cut();
        has_returned.store(true, Ordering::SeqCst);
    });
    assert!(Cut::is(&use_once(&tether, &AtomicUsize::new(0)).unwrap_err()));
}

#[test]
fn what_is_done_unless_cut_is_waited_for_and_not_done_later() {
    let leash = Arc::new(Leash::default());
    let watch = leash.tie().watch();
    let (begun, is_done) = (Barrier::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            watch.unless_cut(|| {
                begun.wait();
                thread::sleep(std::time::Duration::from_millis(50));
                is_done.store(true, Ordering::SeqCst);
            })
        });
        begun.wait();
        leash.cut();
        assert!(is_done.load(Ordering::SeqCst), "the cut has returned meanwhile");
    });
    assert_eq!(watch.unless_cut(|| ()), None);
}

#[test]
fn nothing_goes_through_after_a_cut_whoever_uses_the_streams() {
    for _ in 0..100 {
        let (leash, through, ready) = (Arc::new(Leash::default()), AtomicUsize::new(0), Barrier::new(9));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let tether = leash.tie();
                    ready.wait();
                    // Some streams come to be while the cut is made.
                    while use_once(&tether, &through).is_ok() && use_once(&leash.tie(), &through).is_ok() {}
                });
            }
            ready.wait();
            leash.cut();
            let then = through.load(Ordering::SeqCst);
            for _ in 0..8 {
                assert!(use_once(&leash.tie(), &through).is_err(), "born on a leash that was cut");
            }
            thread::yield_now();
            assert_eq!(through.load(Ordering::SeqCst), then);
        });
        assert!(leash.is_loose());
    }
}

#[test]
fn a_leash_holds_no_more_than_the_streams_that_there_are() {
    let leash = Arc::new(Leash::default());
    let mut tied: Vec<_> = (0..100).map(|_| leash.tie()).collect();
    tied.truncate(3);
    assert_eq!(leash.lock().streams.len(), 3);
    drop(tied);
    assert!(leash.is_loose());
    assert_eq!(leash.lock().streams.capacity(), 0);
}

#[test]
fn a_watch_tells_of_a_cut_even_when_its_stream_is_gone() {
    let leash = Arc::new(Leash::default());
    let tether = leash.tie();
    let watch = tether.watch();
    assert!(!watch.is_cut());
    drop(tether);
    leash.cut();
    assert!(watch.is_cut() && leash.tie().watch().is_cut());
}
