const lookEveryMs = 1_000;

/**
 * Ends this process once the one that started it is gone. The engine ends its analyzers itself, unless
 * it is killed: then nobody would.
 */
export function endWithEngine(): void {
  const engine = process.ppid;
  const timer = setInterval(() => {
    // An orphan gets another parent.
    if (process.ppid !== engine) {
      process.exit(0);
    }
  }, lookEveryMs);
  timer.unref();
}
