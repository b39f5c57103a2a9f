#!/usr/bin/env node
// The way in. Written so that an old Node can still read it: it looks at the version first, and runs itself with the Node that npm installed beside it.
import { spawn } from "child_process";
import { existsSync } from "fs";
import { fileURLToPath } from "url";

const NEEDED = [22, 18];
const main = isOld(process.versions.node) ? rerun : start;
main();

function isOld(version) {
  const parts = version.split(".").map(Number);
  return parts[0] < NEEDED[0] || (parts[0] === NEEDED[0] && parts[1] < NEEDED[1]);
}

function start() {
  const built = new URL("../dist/src/cli/main.js", import.meta.url);
  const source = new URL("../src/cli/main.ts", import.meta.url);
  import("node:module")
    .then((module) => module.enableCompileCache())
    .then(() => import((existsSync(built) ? built : source).href))
    .then((program) => program.main(process.argv))
    .catch((error) => {
      console.error(error);
      process.exit(70);
    });
}

function rerun() {
  const node = findBundledNode();
  if (!node) {
    console.error(
      "Afterglow needs Node " +
        NEEDED.join(".") +
        " or newer; this is " +
        process.versions.node +
        ". Install a newer Node from https://nodejs.org and try again.",
    );
    process.exit(2);
  }
  const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), { stdio: "inherit" });
  ["SIGINT", "SIGTERM", "SIGHUP"].forEach((signal) => process.on(signal, () => child.kill(signal)));
  child.on("error", (error) => {
    console.error("The bundled Node does not start: " + error.message);
    process.exit(2);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// npm puts it beside the package when installed from a checkout, and beside the other packages when Afterglow is one of them.
function findBundledNode() {
  const name = "node-linux-" + process.arch + "/bin/node";
  const places = ["../node_modules/", "../../"].map((folder) => fileURLToPath(new URL(folder + name, import.meta.url)));
  return process.platform === "linux" ? places.find((place) => existsSync(place)) : undefined;
}
