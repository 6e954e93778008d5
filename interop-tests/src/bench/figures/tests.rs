//! Ratios, medians and goals.

use super::*;

fn scores(figure: Figure, values: &[(Contestant, f64)]) -> Scores {
    let mut scores = Scores::default();
    for (contestant, value) in values {
        scores.add(*contestant, Measured { values: vec![(figure, *value)], lost: None });
    }
    scores
}

#[test]
fn a_ratio_above_one_is_better_whichever_way_the_unit_counts() {
    let all = [Contestant::AirwayNetwork, Contestant::Plain];
    for (figure, airway, plain) in [(Figure::SetUp, 10.0, 30.0), (Figure::Throughput, 30.0, 10.0)] {
        let table = scores(figure, &[(Contestant::AirwayNetwork, airway), (Contestant::Plain, plain)])
            .table(figure, &all);
        assert_eq!(table.rows[0].to_plain, Some(3.0));
        assert_eq!(table.rows[0].is_met(), Some(true));
        assert_eq!((table.rows[1].to_plain, table.rows[1].is_met()), (Some(1.0), None));
        assert_eq!(table.rows[1].to_tuned_quinn, None);
    }
}

#[test]
fn a_contestant_that_was_not_measured_has_no_row() {
    let all = [Contestant::AirwayNetwork, Contestant::Plain, Contestant::QuinnTuned];
    let table = scores(Figure::Memory, &[(Contestant::Plain, 1.0)]).table(Figure::Memory, &all);
    assert_eq!(table.rows.len(), 1);
}

#[test]
fn medians_are_not_moved_by_the_ends() {
    let odd = Summary::of(vec![9.0, 1.0, 2.0]).unwrap();
    assert_eq!(odd, Summary { median: 2.0, min: 1.0, max: 9.0 });
    assert_eq!(Summary::of(vec![1.0, 2.0, 4.0, 9.0]).unwrap().median, 3.0);
    assert_eq!(Summary::of(Vec::new()), None);
}

#[test]
fn a_single_lost_request_misses_the_goal() {
    let figure = Figure::NewStreams;
    for (lost, met) in [(0, true), (1, false)] {
        let mut scores = scores(figure, &[(Contestant::AirwayProgram, 9.0), (Contestant::Plain, 1.0)]);
        let lost = Some((figure, Lost { lost, attempted: 9 }));
        scores.add(Contestant::AirwayProgram, Measured { values: vec![(figure, 9.0)], lost });
        let table = scores.table(figure, &[Contestant::AirwayProgram]);
        assert_eq!(table.rows[0].is_met(), Some(met));
    }
}

#[test]
fn percentiles_of_a_hundred_and_one_are_their_ranks() {
    let sorted: Vec<_> = (0..=100).map(Duration::from_micros).collect();
    assert_eq!(percentile(&sorted, 99), Duration::from_micros(99));
    assert_eq!(percentile(&[], 50), Duration::ZERO);
}
