import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OperationProblem } from "../problem.ts";
import { withLocalTurn } from "./local-turn.ts";

test("a second command is refused while the first runs, and let in after it, also when that failed", async () => {
  const directory = mkdtempSync(join(tmpdir(), "ertis-turn-"));
  try {
    const first = Promise.withResolvers<string>();
    const running = withLocalTurn(async () => first.promise, directory);
    const second = withLocalTurn(async () => Promise.resolve("second"), directory);
    await expect(second).rejects.toThrow(OperationProblem);
    await expect(second).rejects.toMatchObject({ exitCode: 75 });
    await expect(second).rejects.toThrow(new RegExp(`process ${process.pid} `));
    first.reject(new Error("the first one failed"));
    await expect(running).rejects.toThrow("the first one failed");
    await expect(withLocalTurn(async () => Promise.resolve("third"), directory)).resolves.toBe(
      "third",
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});
