//! What the host hands to the plugin: points of automation, streams of state, and its ear for news.

use super::number;
use crate::realtime::outside;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;
use vst3::Steinberg::Vst::{
    IAudioProcessor, IAudioProcessorTrait, IComponent, IComponentHandler, IComponentHandlerTrait,
    IComponentTrait, IParamValueQueue, IParamValueQueueTrait, IParameterChanges,
    IParameterChangesTrait, ParamID, ParamValue,
};
use vst3::Steinberg::{
    IBStream, IBStream_::IStreamSeekMode_, IBStreamTrait, int32, int64, kInvalidArgument,
    kNotImplemented, kResultFalse, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComWrapper};

/// How long a slow host takes.
const SLOW: Duration = Duration::from_millis(200);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A point of an automation lane in one block.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// The parameter's number.
    pub parameter: u32,
    /// Samples from the start of the block.
    pub offset: i32,
    /// The value, 0 to 1.
    pub value: f64,
}

/// The points of one parameter.
struct Queue {
    parameter: ParamID,
    points: Vec<(int32, ParamValue)>,
}

impl Class for Queue {
    type Interfaces = (IParamValueQueue,);
}

impl IParamValueQueueTrait for Queue {
    unsafe fn getParameterId(&self) -> ParamID {
        self.parameter
    }
    unsafe fn getPointCount(&self) -> int32 {
        int32::try_from(self.points.len()).unwrap_or(int32::MAX)
    }
    unsafe fn getPoint(&self, index: int32, offset: *mut int32, value: *mut ParamValue) -> tresult {
        let Some(point) = usize::try_from(index).ok().and_then(|index| self.points.get(index))
        else {
            return kInvalidArgument;
        };
        // SAFETY: the plugin gives two places to write to.
        unsafe { (*offset, *value) = *point };
        kResultOk
    }
    unsafe fn addPoint(&self, _: int32, _: ParamValue, _: *mut int32) -> tresult {
        kNotImplemented
    }
}

/// The points of one block, a queue for each parameter as VST3 asks for.
pub(super) struct Changes {
    queues: Vec<ComWrapper<Queue>>,
}

impl Changes {
    pub(super) fn new(points: &[Point]) -> ComWrapper<Self> {
        let mut queues: Vec<Queue> = Vec::new();
        for point in points {
            let at = queues.iter().position(|queue| queue.parameter == point.parameter);
            let at = at.unwrap_or_else(|| {
                queues.push(Queue { parameter: point.parameter, points: Vec::new() });
                queues.len() - 1
            });
            queues[at].points.push((point.offset, point.value));
        }
        ComWrapper::new(Self { queues: queues.into_iter().map(ComWrapper::new).collect() })
    }
}

impl Class for Changes {
    type Interfaces = (IParameterChanges,);
}

impl IParameterChangesTrait for Changes {
    unsafe fn getParameterCount(&self) -> int32 {
        int32::try_from(self.queues.len()).unwrap_or(int32::MAX)
    }
    unsafe fn getParameterData(&self, index: int32) -> *mut IParamValueQueue {
        let queue = usize::try_from(index).ok().and_then(|index| self.queues.get(index));
        let queue = queue.and_then(ComWrapper::as_com_ref::<IParamValueQueue>);
        queue.map_or(std::ptr::null_mut(), |queue| queue.as_ptr())
    }
    unsafe fn addParameterData(&self, _: *const ParamID, _: *mut int32) -> *mut IParamValueQueue {
        std::ptr::null_mut()
    }
}

/// A stream of state, which may give or take less than it is asked to.
pub struct Stream {
    bytes: Mutex<(Vec<u8>, usize)>,
    most: usize,
}

impl Stream {
    /// A stream that holds these bytes and reads or writes no more than `most` at a time.
    #[must_use]
    pub fn new(bytes: &[u8], most: usize) -> ComWrapper<Self> {
        ComWrapper::new(Self { bytes: Mutex::new((bytes.to_vec(), 0)), most })
    }

    /// What it holds.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        lock(&self.bytes).0.clone()
    }
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl IBStreamTrait for Stream {
    unsafe fn read(
        &self,
        buffer: *mut std::ffi::c_void,
        wanted: int32,
        count: *mut int32,
    ) -> tresult {
        let mut bytes = lock(&self.bytes);
        let (bytes, position) = &mut *bytes;
        let rest = &bytes[(*position).min(bytes.len())..];
        let given = usize::try_from(wanted).unwrap_or(0).min(rest.len()).min(self.most);
        // SAFETY: the plugin gives room for as many bytes as it asks for.
        unsafe {
            std::ptr::copy_nonoverlapping(rest.as_ptr(), buffer.cast(), given);
            *count = int32::try_from(given).unwrap_or(0);
        }
        *position += given;
        kResultOk
    }

    unsafe fn write(
        &self,
        buffer: *mut std::ffi::c_void,
        given: int32,
        count: *mut int32,
    ) -> tresult {
        let taken = usize::try_from(given).unwrap_or(0).min(self.most);
        // SAFETY: the plugin gives at least as many bytes as it says.
        unsafe {
            let taken = std::slice::from_raw_parts(buffer.cast::<u8>(), taken);
            lock(&self.bytes).0.extend_from_slice(taken);
            *count = int32::try_from(taken.len()).unwrap_or(0);
        }
        kResultOk
    }

    unsafe fn seek(&self, position: int64, mode: int32, result: *mut int64) -> tresult {
        let mut bytes = lock(&self.bytes);
        let from = if mode == number(IStreamSeekMode_::kIBSeekSet) {
            0
        } else if mode == number(IStreamSeekMode_::kIBSeekEnd) {
            bytes.0.len()
        } else {
            bytes.1
        };
        let to = int64::try_from(from).unwrap_or(0) + position;
        let Ok(position) = usize::try_from(to) else { return kResultFalse };
        bytes.1 = position;
        if !result.is_null() {
            // SAFETY: it is a place to write to.
            unsafe { *result = to };
        }
        kResultOk
    }

    unsafe fn tell(&self, position: *mut int64) -> tresult {
        // SAFETY: it is a place to write to.
        unsafe { *position = int64::try_from(lock(&self.bytes).1).unwrap_or(0) };
        kResultOk
    }
}

/// What the plugin tells the host.
#[derive(Default)]
pub(super) struct Handler {
    restarts: Mutex<Vec<(int32, ThreadId)>>,
    /// What is restarted at once, where the host does that.
    plugin: Mutex<Option<(ComPtr<IComponent>, ComPtr<IAudioProcessor>)>>,
    refused: AtomicBool,
    is_slow: AtomicBool,
    is_called: AtomicBool,
}

impl Handler {
    /// From now on a request for a restart takes a while.
    pub(super) fn slow_down(&self) {
        self.is_slow.store(true, Ordering::SeqCst);
    }

    /// Whether a request for a restart is under way.
    pub(super) fn is_called(&self) -> bool {
        self.is_called.load(Ordering::SeqCst)
    }

    /// From now on what asks for a restart is restarted before the call returns, as some hosts do.
    pub(super) fn restart_synchronously(
        &self,
        component: ComPtr<IComponent>,
        processor: ComPtr<IAudioProcessor>,
    ) {
        *lock(&self.plugin) = Some((component, processor));
    }

    /// Lets go of the plugin, which otherwise holds this as this holds it.
    pub(super) fn let_go(&self) {
        *lock(&self.plugin) = None;
    }

    /// The flags of every restart that was asked for since the last call, and the thread.
    pub(super) fn take_restarts(&self) -> Vec<(int32, ThreadId)> {
        std::mem::take(&mut lock(&self.restarts))
    }

    /// Whether the plugin did not come back from a restart.
    pub(super) fn was_refused(&self) -> bool {
        self.refused.load(Ordering::SeqCst)
    }
}

impl Class for Handler {
    type Interfaces = (IComponentHandler,);
}

impl IComponentHandlerTrait for Handler {
    unsafe fn beginEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }
    unsafe fn performEdit(&self, _: ParamID, _: ParamValue) -> tresult {
        kResultOk
    }
    unsafe fn endEdit(&self, _: ParamID) -> tresult {
        kResultOk
    }
    unsafe fn restartComponent(&self, flags: int32) -> tresult {
        // Where it is called from a process call, what follows is the host's.
        outside(|| self.restart(flags))
    }
}

impl Handler {
    fn restart(&self, flags: int32) -> tresult {
        self.is_called.store(true, Ordering::SeqCst);
        lock(&self.restarts).push((flags, thread::current().id()));
        if self.is_slow.load(Ordering::SeqCst) {
            thread::sleep(SLOW);
        }
        let plugin = lock(&self.plugin).clone();
        if let Some((component, processor)) = plugin {
            // SAFETY: the instance is alive, as it is the one that calls.
            let active = unsafe {
                processor.setProcessing(0);
                component.setActive(0);
                let active = component.setActive(1);
                processor.setProcessing(1);
                active
            };
            self.refused.fetch_or(active != kResultOk, Ordering::SeqCst);
        }
        self.is_called.store(false, Ordering::SeqCst);
        kResultOk
    }
}
