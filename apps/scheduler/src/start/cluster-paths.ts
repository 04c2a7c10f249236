import { hash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { makeDirectory } from "./make-directory.ts";
import { StartProblem } from "./problem.ts";

/** `sun_path` of unix(7) is 108 bytes with its final zero on Linux, 104 on macOS. */
const socketPathBytesMax = 103;

/** Where the cluster processes of a data directory write. */
export function clusterDirectory(dataDirectory: string): string {
  return join(dataDirectory, "clusters");
}

export function clusterLogPath(dataDirectory: string, site: string): string {
  return join(clusterDirectory(dataDirectory), `${site}.log`);
}

/**
 * Where the cluster process of a site listens: in the data directory, or, when that path is too long
 * for a socket, in a directory of this person below the temporary one, named after the data directory.
 */
export function clusterSocketPath(dataDirectory: string, site: string): string {
  const near = join(clusterDirectory(dataDirectory), `${site}.sock`);
  return Buffer.byteLength(near) <= socketPathBytesMax
    ? near
    : join(distantDirectory(dataDirectory), `${site}.sock`);
}

function distantDirectory(dataDirectory: string): string {
  const key = hash("sha256", resolve(dataDirectory), "hex").slice(0, 12);
  return join(tmpdir(), `ertis-${userInfo().uid}-${key}`);
}

/** Makes the directory of a socket. A shared place is refused when somebody else could listen there. */
export function makeSocketDirectory(dataDirectory: string, socketPath: string): void {
  const directory = dirname(socketPath);
  if (directory === clusterDirectory(dataDirectory)) {
    makeDirectory(directory);
    return;
  }
  if (Buffer.byteLength(socketPath) > socketPathBytesMax) {
    throw new StartProblem(
      "clusterFailed",
      `socket path ${socketPath} has ${Buffer.byteLength(socketPath)} bytes, ${socketPathBytesMax} are allowed`,
      "choose a shorter data directory, or a shorter TMPDIR",
    );
  }
  makeDirectory(directory);
  const { uid, mode } = lstatSync(directory);
  if (uid !== userInfo().uid || (mode & 0o022) !== 0) {
    throw new StartProblem(
      "clusterFailed",
      `${directory} belongs to somebody else, or others may write there`,
      "remove it, or choose a shorter data directory, which then holds the sockets itself",
    );
  }
}

/** The sockets of all clusters of a data directory, whatever else is wrong with it. */
export function findClusterSockets(dataDirectory: string): readonly string[] {
  return [clusterDirectory(dataDirectory), distantDirectory(dataDirectory)]
    .filter((directory) => existsSync(directory))
    .flatMap((directory) =>
      readdirSync(directory)
        .filter((name) => name.endsWith(".sock"))
        .map((name) => join(directory, name)),
    );
}

export function removeDistantSockets(dataDirectory: string): void {
  rmSync(distantDirectory(dataDirectory), { recursive: true, force: true });
}
