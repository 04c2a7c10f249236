import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readClusterStatus } from "./cluster-status.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ertis-status-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("a process that hangs up because it is dying counts as gone, once it is", async () => {
  const socketPath = join(directory, "cluster.sock");
  let connectionCount = 0;
  const server = createServer((socket) => {
    connectionCount += 1;
    socket.on("error", () => {});
    if (connectionCount === 3) {
      server.close();
    }
    socket.destroy();
  });
  await new Promise<void>((resolve) => {
    server.listen(socketPath, () => resolve());
  });
  expect(await readClusterStatus(socketPath)).toBeUndefined();
  expect(connectionCount).toBe(3);
});

test("nobody there: undefined", async () => {
  expect(await readClusterStatus(join(directory, "nothing.sock"))).toBeUndefined();
});
