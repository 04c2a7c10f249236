// Loaded before every program of this repository (`node --import`). Plain JavaScript on purpose: it
// is what an old Node can still read, so that the reader gets a sentence and not a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 24 || (major === 24 && minor < 12)) {
  process.stderr.write(
    `Ertis needs Node 24.12 or newer, because Node runs its TypeScript directly; this is Node ${process.versions.node} (${process.execPath}).\n` +
      "On Linux and on Intel Macs `npm ci` brings the right Node along: run it, then use the npm scripts.\n" +
      "On Macs with Apple silicon install Node 24 yourself: no 24.x package exists for them.\n",
  );
  process.exit(1);
}
