//! The host's window around the plugin's, and its run loop.

use super::{Instance, succeed};
use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::Timespec;
use std::os::fd::BorrowedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use vst3::Steinberg::Linux::{
    FileDescriptor, IEventHandler, IEventHandlerTrait, IRunLoop, IRunLoopTrait, ITimerHandler,
    TimerInterval,
};
use vst3::Steinberg::{
    IPlugFrame, IPlugFrameTrait, IPlugView, IPlugViewTrait, ViewRect, kInvalidArgument,
    kNotImplemented, kPlatformTypeX11EmbedWindowID, kResultFalse, kResultOk, tresult,
};
use vst3::{Class, ComPtr, ComRef, ComWrapper};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, CreateWindowAux, WindowClass};
use x11rb::rust_connection::RustConnection;

/// A window of the host's that a plugin's window can be put into.
pub struct Parent {
    connection: RustConnection,
    id: u32,
}

impl Parent {
    /// A window on the screen that `DISPLAY` names.
    ///
    /// # Errors
    /// Where there is no screen.
    pub fn new() -> Result<Self> {
        let (connection, number) = x11rb::connect(None).context("there is no screen")?;
        let screen = &connection.setup().roots[number];
        let id = connection.generate_id()?;
        connection.create_window(
            x11rb::COPY_DEPTH_FROM_PARENT,
            id,
            screen.root,
            0,
            0,
            1_200,
            800,
            0,
            WindowClass::INPUT_OUTPUT,
            screen.root_visual,
            &CreateWindowAux::new(),
        )?;
        connection.map_window(id)?;
        // An answer to anything says that the window is there.
        connection.get_input_focus()?.reply()?;
        Ok(Self { connection, id })
    }
}

impl Parent {
    /// What its screen knows it by.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }
}

impl Drop for Parent {
    fn drop(&mut self) {
        // The screen may be gone already, and the window with it.
        let _ = self.connection.destroy_window(self.id);
        let _ = self.connection.flush();
    }
}

/// How a host's frame offers its run loop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RunLoop {
    /// As VST3 asks for.
    Offered,
    /// It is there and takes no handler.
    Refused,
}

/// The host's frame around a view, with the run loop of the thread that pumps it.
pub struct Frame {
    run_loop: RunLoop,
    handlers: Mutex<Vec<(ComPtr<IEventHandler>, FileDescriptor)>>,
}

impl Frame {
    fn handlers(&self) -> MutexGuard<'_, Vec<(ComPtr<IEventHandler>, FileDescriptor)>> {
        self.handlers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many handlers the plugin has registered and not taken back.
    #[must_use]
    pub fn handler_count(&self) -> usize {
        self.handlers().len()
    }

    /// Serves the run loop for a while.
    ///
    /// # Errors
    /// Where a handler's file is not open.
    pub fn pump(&self, duration: Duration) -> Result<()> {
        let deadline = Instant::now() + duration;
        loop {
            let handlers = self.handlers().clone();
            // SAFETY: a handler's file stays open while the handler is held.
            let files: Vec<_> =
                handlers.iter().map(|(_, file)| unsafe { BorrowedFd::borrow_raw(*file) }).collect();
            let mut polled: Vec<_> =
                files.iter().map(|file| PollFd::new(file, PollFlags::IN)).collect();
            poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 2_000_000 }))?;
            for ((handler, file), polled) in handlers.iter().zip(&polled) {
                if polled.revents().contains(PollFlags::IN) {
                    // SAFETY: the handler is held.
                    unsafe { handler.onFDIsSet(*file) };
                }
            }
            if Instant::now() >= deadline {
                return Ok(());
            }
        }
    }
}

impl Class for Frame {
    type Interfaces = (IPlugFrame, IRunLoop);
}

impl IPlugFrameTrait for Frame {
    unsafe fn resizeView(&self, view: *mut IPlugView, size: *mut ViewRect) -> tresult {
        // SAFETY: the plugin gives its view and a size.
        unsafe { ComRef::from_raw(view).map_or(kInvalidArgument, |view| view.onSize(size)) }
    }
}

impl IRunLoopTrait for Frame {
    unsafe fn registerEventHandler(
        &self,
        handler: *mut IEventHandler,
        file: FileDescriptor,
    ) -> tresult {
        // SAFETY: the plugin gives its handler.
        let Some(handler) = (unsafe { ComRef::from_raw(handler) }) else {
            return kInvalidArgument;
        };
        if self.run_loop == RunLoop::Refused {
            return kResultFalse;
        }
        self.handlers().push((handler.to_com_ptr(), file));
        kResultOk
    }

    unsafe fn unregisterEventHandler(&self, handler: *mut IEventHandler) -> tresult {
        let mut handlers = self.handlers();
        let position = handlers.iter().position(|(known, _)| known.as_ptr() == handler);
        let Some(position) = position else { return kResultFalse };
        let removed = handlers.remove(position);
        drop(handlers);
        drop(removed);
        kResultOk
    }

    unsafe fn registerTimer(&self, _: *mut ITimerHandler, _: TimerInterval) -> tresult {
        kNotImplemented
    }

    unsafe fn unregisterTimer(&self, _: *mut ITimerHandler) -> tresult {
        kNotImplemented
    }
}

/// A frame of a host that has no run loop to offer.
struct BareFrame;

impl Class for BareFrame {
    type Interfaces = (IPlugFrame,);
}

impl IPlugFrameTrait for BareFrame {
    unsafe fn resizeView(&self, _: *mut IPlugView, _: *mut ViewRect) -> tresult {
        kResultOk
    }
}

/// An open window of an instance.
pub struct View {
    view: ComPtr<IPlugView>,
    frame: Option<ComWrapper<Frame>>,
    bare: ComWrapper<BareFrame>,
}

impl View {
    /// Opens the instance's window inside a parent; with no run loop at all where there is none.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn open(instance: &Instance, parent: &Parent, run_loop: Option<RunLoop>) -> Result<Self> {
        let frame = run_loop
            .map(|run_loop| ComWrapper::new(Frame { run_loop, handlers: Mutex::default() }));
        let view = Self { view: instance.create_view()?, frame, bare: ComWrapper::new(BareFrame) };
        view.attach(parent)?;
        Ok(view)
    }

    /// Puts the view into a parent, after [`Self::remove`] once more.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn attach(&self, parent: &Parent) -> Result<()> {
        let frame = match &self.frame {
            Some(frame) => frame.as_com_ref::<IPlugFrame>(),
            None => self.bare.as_com_ref::<IPlugFrame>(),
        };
        let frame = frame.context("no frame")?;
        let id = usize::try_from(parent.id)?;
        // SAFETY: the view is alive, and so are frame and parent while it is open.
        unsafe {
            succeed(self.view.setFrame(frame.as_ptr()), "setFrame")?;
            let parent = std::ptr::without_provenance_mut(id);
            succeed(self.view.attached(parent, kPlatformTypeX11EmbedWindowID), "attached")
        }
    }

    /// Width and height in pixels.
    ///
    /// # Errors
    /// Where the plugin has none.
    pub fn size(&self) -> Result<[i32; 2]> {
        let mut size = ViewRect { left: 0, top: 0, right: 0, bottom: 0 };
        // SAFETY: the view is alive.
        succeed(unsafe { self.view.getSize(&mut size) }, "getSize")?;
        Ok([size.right - size.left, size.bottom - size.top])
    }

    /// Serves the run loop for a while, or waits where there is none.
    ///
    /// # Errors
    /// As [`Frame::pump`].
    pub fn pump(&self, duration: Duration) -> Result<()> {
        match &self.frame {
            Some(frame) => frame.pump(duration),
            None => {
                std::thread::sleep(duration);
                Ok(())
            }
        }
    }

    /// The host's frame, which outlives the view.
    #[must_use]
    pub fn frame(&self) -> Option<ComWrapper<Frame>> {
        self.frame.clone()
    }

    /// Takes the plugin's window out of its parent; the host keeps the view.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn remove(&self) -> Result<()> {
        // SAFETY: the view is alive.
        succeed(unsafe { self.view.removed() }, "removed")
    }

    /// Closes the window as hosts should.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn close(self) -> Result<()> {
        self.remove()?;
        // SAFETY: the view is alive.
        succeed(unsafe { self.view.setFrame(std::ptr::null_mut()) }, "setFrame of nothing")
    }

    /// Closes the window without taking the frame back.
    ///
    /// # Errors
    /// Where the plugin refuses.
    pub fn close_carelessly(self) -> Result<()> {
        self.remove()
    }
}
