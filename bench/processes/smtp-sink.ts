/** A raw TCP SMTP sink: answers each command and forgets each mail. Cheaper than any mail server, so that the sender is what is measured. */
import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { serve } from "./serve.ts";

let mails = 0;
let bytes = 0;

const END = Buffer.from("\r\n.\r\n");

/** The end of a mail may lie across two packets: the last four bytes are kept. */
function hear(socket: Socket): void {
  let inData = false;
  let tail = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    const seen = tail.length > 0 ? Buffer.concat([tail, chunk]) : chunk;
    if (inData) {
      bytes += chunk.length;
      if (seen.subarray(-END.length).equals(END)) {
        inData = false;
        tail = Buffer.alloc(0);
        mails += 1;
        socket.write(`250 2.0.0 queued as ${mails}\r\n`);
      } else tail = Buffer.from(seen.subarray(-(END.length - 1)));
      return;
    }
    const text = seen.toString("latin1");
    const end = text.lastIndexOf("\r\n");
    if (end < 0) {
      tail = Buffer.from(seen);
      return;
    }
    tail = Buffer.from(seen.subarray(end + 2));
    let answer = "";
    for (const line of text.slice(0, end).split("\r\n")) {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === "EHLO") answer += "250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 35882577\r\n";
      else if (verb === "DATA") {
        answer += "354 go\r\n";
        inData = true;
      } else if (verb === "QUIT") answer += "221 bye\r\n";
      else answer += "250 ok\r\n";
    }
    socket.write(answer);
    if (text.toUpperCase().startsWith("QUIT")) socket.end();
  });
  socket.write("220 localhost ESMTP\r\n");
}

serve({
  start: async () => {
    const server = createServer(hear);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    return { port: typeof address === "object" && address ? address.port : 0 };
  },
  counts: () => Promise.resolve({ mails, bytes }),
});
