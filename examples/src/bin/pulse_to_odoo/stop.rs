//! Stopping when a person asks for it, by Ctrl-C or SIGTERM.

use std::future::pending;

use tokio::sync::oneshot;

use crate::args::Args;

/// Returns when the program is asked to stop. Asked a second time, it stops at once, whatever it is at.
///
/// A stop is safe at any moment: the journal has every row that was on its way, and the next run looks for it.
pub(crate) async fn asked() {
    let (tell, told) = oneshot::channel();
    // In a task of its own, since a large file is read without a pause.
    tokio::spawn(async move {
        if signal().await.is_err() {
            return pending().await;
        }
        // Nobody waits once the run is over.
        let _over = tell.send(());
        if signal().await.is_ok() {
            std::process::exit(1);
        }
    });
    if told.await.is_err() {
        pending().await
    }
}

/// What to do after a stop.
pub(crate) fn how_to_go_on(args: &Args) -> &'static str {
    if args.odoo.is_none() && args.journal.is_none() {
        "nothing is kept of a run without --journal FILE or --odoo URL"
    } else {
        "start it with the same line again: it goes on where it was"
    }
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
