import { sayProblem } from "../problem.ts";
import { playWorld } from "./world.ts";

/** `node local-world/main.ts <folder of kubeconfigs>`: started by `npm run up:local`. */
const [kubeconfigDirectory] = process.argv.slice(2);
const ending = new AbortController();
process.on("SIGTERM", () => ending.abort()).on("SIGINT", () => ending.abort());

const say = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
};

try {
  if (kubeconfigDirectory === undefined) {
    throw new Error("the folder of kubeconfigs is missing");
  }
  say(`ended: ${await playWorld({ kubeconfigDirectory, say, signal: ending.signal })}`);
} catch (error) {
  const { text, exitCode } = sayProblem(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
