/** A process of its own that starts PostgreSQL from the checkout and in the folder it is told, prints what it got, and then waits to be ended. */
const [launcher, dir, ending] = process.argv.slice(2);
const { startEmbeddedPostgres, throwawaySettings } = await import(String(launcher));
const { url, pid, source } = await startEmbeddedPostgres({ dir: String(dir), settings: throwawaySettings });
console.log(JSON.stringify({ url, pid, source }));
if (ending === "wait") setInterval(() => undefined, 60_000);
