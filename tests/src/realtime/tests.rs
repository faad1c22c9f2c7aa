//! Each kind of violation is caught, and nothing else.

use super::{outside, watched};
use crate::realtime::Pace::{Live, Offline};
use crate::realtime::Violations;
use crate::realtime::locks::watch_library_of;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

/// What is caught of something, in words.
fn caught(body: impl FnOnce()) -> String {
    watched(Live, body).expect_err("nothing is caught").to_string()
}

#[test]
fn what_calculates_and_reads_the_time_is_no_violation() {
    let shared = Arc::new(AtomicU32::new(3));
    let result = watched(Live, || {
        let copy = shared.clone();
        copy.fetch_add(4, Ordering::SeqCst);
        let _ = copy.compare_exchange(7, 9, Ordering::SeqCst, Ordering::SeqCst);
        (Instant::now(), black_box([1.5_f64; 64]).iter().sum::<f64>())
    });
    assert_eq!(result.expect("no violation").1, 96.0);
    assert_eq!(shared.load(Ordering::SeqCst), 9);
}

#[test]
fn allocations_are_caught_and_happen() {
    let Violations { count, first } =
        watched(Live, || drop(black_box(vec![7_u8; 100]))).expect_err("an allocation");
    assert_eq!(count, 2, "{first:?}");
    assert!(first[0].starts_with("it allocated 100 bytes\n"), "{first:?}");
    assert!(first[1].starts_with("it freed"), "{first:?}");
    assert!(first[0].contains("realtime::watch::tests") || first[0].contains("alloc"), "{first:?}");
    let grown = watched(Live, || {
        let mut list: Vec<u32> = Vec::new();
        for number in 0..10 {
            list.push(black_box(number));
        }
        outside(|| assert_eq!(list.iter().sum::<u32>(), 45));
    });
    assert!(grown.expect_err("a list that grows").count > 2);
    #[repr(align(64))]
    struct Aligned(#[expect(dead_code, reason = "fills it")] [u8; 64]);
    let said = caught(|| std::mem::forget(black_box(Box::new(Aligned([0; 64])))));
    assert!(said.contains("it allocated 64 bytes"), "{said}");
    let zeroed = caught(|| std::mem::forget(black_box(vec![0_u8; 300])));
    assert!(zeroed.contains("it allocated 300 bytes"), "{zeroed}");
}

#[test]
fn calls_of_the_system_are_caught_and_made() {
    let start = Instant::now();
    let said = caught(|| std::thread::sleep(Duration::from_millis(20)));
    assert!(said.contains("clock_nanosleep(") || said.contains("nanosleep("), "{said}");
    assert!(start.elapsed() >= Duration::from_millis(20), "it did not sleep");
    let said = caught(|| {
        // SAFETY: nothing is written.
        let _ = unsafe { libc::write(1, c"".as_ptr().cast(), 0) };
    });
    assert!(said.contains("write(0x1"), "{said}");
    watched(Offline, || std::thread::sleep(Duration::from_millis(1))).expect("it may wait");
    watched(Offline, std::thread::yield_now).expect_err("it may not spin");
    let said = caught(std::thread::yield_now);
    assert!(said.contains("sched_yield("), "{said}");
    // SAFETY: a number that no call has.
    let said = caught(|| assert_eq!(unsafe { libc::syscall(9_999) }, -1));
    assert!(said.contains("number 9999"), "{said}");
    let said = caught(|| assert!(std::fs::metadata("/").is_ok()));
    assert!(said.contains("it called the system"), "{said}");
}

#[test]
fn a_contended_lock_is_caught_and_a_wake_is_none() {
    let lock = Mutex::new(());
    let (is_held, is_wanted) = (AtomicBool::new(false), AtomicBool::new(false));
    let said = std::thread::scope(|scope| {
        scope.spawn(|| {
            let held = lock.lock();
            is_held.store(true, Ordering::SeqCst);
            while !is_wanted.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_millis(50));
            drop(held);
        });
        while !is_held.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        is_wanted.store(true, Ordering::SeqCst);
        caught(|| drop(lock.lock()))
    });
    assert!(said.contains("futex("), "{said}");
    let asleep = std::thread::spawn(std::thread::park);
    let waker = asleep.thread().clone();
    // Until it sleeps, and so is woken by a call of the system.
    std::thread::sleep(Duration::from_millis(50));
    watched(Live, || waker.unpark()).expect("to wake a thread is no violation");
    asleep.join().expect("it was woken");
}

#[test]
fn another_thread_may_do_anything_meanwhile() {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                drop(black_box(vec![1_u8; 5_000]));
                std::thread::sleep(Duration::from_micros(10));
            }
        });
        for _ in 0..2_000 {
            watched(Live, || black_box([1.5_f32; 256]).iter().sum::<f32>()).expect("no violation");
        }
        stop.store(true, Ordering::SeqCst);
    });
}

/// In a process of its own, as the watch changes this program.
#[test]
fn free_locks_are_caught() -> anyhow::Result<()> {
    let name = "realtime::watch::tests::free_locks_are_caught";
    crate::isolated::isolated(name, false, || {
        let (mutex, shared, word) = (Mutex::new(1), RwLock::new(2), AtomicU64::new(0));
        watched(Live, || drop(mutex.lock())).expect("not watched yet");
        let sites = watch_library_of((free_locks_are_caught as fn() -> _) as usize)?;
        assert!(sites > 20, "{sites} instructions are watched");
        for said in [
            caught(|| drop(black_box(&mutex).lock())),
            caught(|| drop(black_box(&shared).read())),
            caught(|| drop(black_box(&shared).write())),
            caught(|| assert_eq!(black_box(&word).swap(1, Ordering::SeqCst), 0)),
        ] {
            assert!(said.contains("it took a lock"), "{said}");
        }
        assert_eq!(word.load(Ordering::SeqCst), 1);
        let said = caught(|| drop(black_box(vec![7_u8; 100])));
        assert!(said.contains("it allocated"), "{said}");
        what_calculates_and_reads_the_time_is_no_violation();
        // Locks still do what they are for, on every thread.
        let sum = Mutex::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..2_000).for_each(|_| *sum.lock().expect("whole") += 1));
            }
        });
        assert_eq!(*sum.lock().expect("whole"), 8_000);
        Ok(())
    })
}
