//! How the cost grows: with bands, latency, sample rate, channels, block size and instances. Beside
//! each figure stands how it compares with what growth in proportion would be.

use crate::cast::real;
use crate::clock;
use crate::engine::players::{DEFAULTS, Player, design, gammatone, least_s, percent};
use crate::row::Row;
use crate::signal::RATE_HZ;
use erbium_dsp::{Bank, BankSpec, Sizing};
use std::sync::Arc;

const TURNS: usize = 7;
const SAMPLES: usize = 16_384;
const BLOCK: usize = 512;

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, spec) in [("ISAC", BankSpec::default()), ("gammatone", gammatone())] {
        let mut series = |what: &str, specs: Vec<(String, BankSpec)>| {
            rows.extend(of_banks(&format!("{name}, {what}"), &spec, &specs));
        };
        let bands = [8, 16, 24, 32, 40, 48, 56, 64];
        series("bands", bands.map(|n| (n.to_string(), BankSpec { bands: n, ..spec })).to_vec());
        let latency = [2.0, 4.0, 8.0, 11.0, 16.0, 21.0, 43.0]
            .map(|ms| (format!("{ms} ms"), BankSpec { sizing: Sizing::Latency { ms }, ..spec }));
        series("latency", latency.to_vec());
        let rates = [44_100.0, 48_000.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0];
        let rates = rates.map(|sample_rate_hz| {
            (format!("{sample_rate_hz} Hz"), BankSpec { sample_rate_hz, ..spec })
        });
        series("sample rate", rates.to_vec());
    }
    for (name, bank) in DEFAULTS.iter() {
        rows.extend(channels(name, bank));
        rows.extend(blocks(name, bank));
        rows.extend(instances(name, bank));
    }
    rows
}

/// The cost of each bank per channel, against its share of multiply-adds.
fn of_banks(what: &str, base: &BankSpec, specs: &[(String, BankSpec)]) -> Vec<Row> {
    let work = |bank: &Bank| bank.report().macs_per_sample * bank.spec().sample_rate_hz;
    let base = design(base);
    let mut base_player = Player::active(&base, 2);
    let mut row = |(name, spec): &(String, BankSpec)| {
        let bank = match Bank::design(spec) {
            Ok(bank) => Arc::new(bank),
            // A few combinations are refused, and nobody can play them.
            Err(error) => return Row::new(format!("{what} {name}"), "refused", error.to_string()),
        };
        let mut player = Player::active(&bank, 2);
        let seconds = least_s(
            TURNS,
            &mut [&mut || player.run(SAMPLES, BLOCK), &mut || base_player.run(SAMPLES, BLOCK)],
        );
        let cost =
            |at: usize, bank: &Bank| percent(seconds[at], SAMPLES, 2, bank.spec().sample_rate_hz);
        let against = cost(0, &bank) / work(&bank) / (cost(1, &base) / work(&base));
        Row::figure(
            format!("{what} {name}, per channel"),
            cost(0, &bank),
            "% of a core",
            format!("{against:.2} × its share of multiply-adds"),
        )
    };
    specs.iter().map(&mut row).collect()
}

fn channels(name: &str, bank: &Arc<Bank>) -> Vec<Row> {
    let cost = |channels| {
        let mut player = Player::active(bank, channels);
        least_s(TURNS, &mut [&mut || player.run(SAMPLES, BLOCK)])[0]
    };
    let one = cost(1);
    let row = |channels| {
        let seconds = cost(channels);
        Row::figure(
            format!("{name}, channels {channels}, together"),
            percent(seconds, SAMPLES, 1, RATE_HZ),
            "% of a core",
            format!("{:.2} × as many as one", seconds / one / real(channels)),
        )
    };
    (1..=8).map(row).collect()
}

fn blocks(name: &str, bank: &Arc<Bank>) -> Vec<Row> {
    let sizes = [512, 1, 4, 16, 32, 64, 128, 256, 1024, 4096];
    let mut player = Player::active(bank, 2);
    let mut cost = |block| least_s(TURNS, &mut [&mut || player.run(SAMPLES, block)])[0];
    let [base, rest @ ..] = sizes;
    let base = cost(base);
    let row = |block: usize| {
        let seconds = cost(block);
        Row::figure(
            format!("{name}, blocks of {block}, per channel"),
            percent(seconds, SAMPLES, 2, RATE_HZ),
            "% of a core",
            format!("{:.2} × blocks of 512", seconds / base),
        )
    };
    rest.map(row).into()
}

fn instances(name: &str, bank: &Arc<Bank>) -> Vec<Row> {
    let cost = |instances| {
        let mut players: Vec<_> = (0..instances).map(|_| Player::active(bank, 2)).collect();
        let mut round = || {
            let before = clock::own();
            // As a host does it: all of them, block by block.
            for _ in 0..SAMPLES / BLOCK {
                for player in &mut players {
                    player.load(BLOCK);
                    player.play();
                }
            }
            clock::own() - before
        };
        least_s(TURNS.min(3), &mut [&mut round])[0]
    };
    let one = cost(1);
    let row = |instances| {
        let seconds = cost(instances);
        Row::figure(
            format!("{name}, stereo instances {instances}, together"),
            percent(seconds, SAMPLES, 1, RATE_HZ),
            "% of a core",
            format!("{:.2} × as many as one", seconds / one / real(instances)),
        )
    };
    [1, 2, 4, 8, 16, 32, 64].map(row).into()
}
