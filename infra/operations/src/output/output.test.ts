import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outliveReader } from "./output.ts";

test("a reader that has enough, as in images | head, ends nothing and is no error", async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../main.ts"), "images"]);
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [first]: unknown[] = await once(child.stdout, "data");
  child.stdout.destroy();
  const [code]: unknown[] = await once(child, "close");
  expect(String(first)).toMatch(/^image /);
  expect(code, stderr).toBe(0);
  // The last word of a run that went on to its end, and nothing else.
  expect(stderr).toMatch(/^\d+ images, \d+ charts, \d+ artifacts, \d+ files\n$/);
});

test("any other error of a stream is one", () => {
  const stream = new EventEmitter();
  outliveReader(stream);
  stream.emit("error", Object.assign(new Error("closed"), { code: "EPIPE" }));
  const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
  expect(() => stream.emit("error", full)).toThrow("no space left");
});
