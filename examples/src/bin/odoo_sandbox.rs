//! An Odoo on this machine, without Odoo: answers XML-RPC, JSON-2 and JSON-RPC until Ctrl-C or SIGTERM.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use odoo_rpc::sandbox::{API_KEY, DATABASE, LOGIN, Like, Sandbox};

/// Starts an Odoo inside this process, for trying things out: no patient's data belongs in it.
#[derive(Parser)]
struct Options {
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 8069)]
    port: u16,
    /// The version to behave like.
    #[arg(long, default_value = "19", value_parser = ["19", "17", "16", "14"])]
    like: String,
    /// A file that keeps the database. Without one everything is gone at the end.
    #[arg(long)]
    data: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "this is a program")]
            {
                eprintln!("odoo_sandbox: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> std::io::Result<()> {
    let like = match options.like.as_str() {
        "14" => Like::Odoo14,
        "16" => Like::Odoo16,
        "17" => Like::Odoo17,
        _ => Like::Odoo19,
    };
    let sandbox = match &options.data {
        Some(path) => Sandbox::open(path, like)?,
        None => Sandbox::new(like),
    };
    let served = sandbox.serve(("127.0.0.1", options.port)).await?;
    #[expect(clippy::print_stdout, reason = "this is a program")]
    {
        println!("address:  http://{}", served.addr());
        println!("database: {DATABASE}");
        println!("login:    {LOGIN}, password {LOGIN}");
        let json2 = if like == Like::Odoo19 { "for JSON-2, and " } else { "" };
        println!("API key:  {API_KEY} ({json2}as a password)");
    }
    asked_to_end().await?;
    served.shutdown().await;
    Ok(())
}

/// Returns at Ctrl-C, and at SIGTERM where there is one.
async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            ended = tokio::signal::ctrl_c() => ended,
            _ = term.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
