import type { CallCounter } from "./service.ts";

const lookEveryMs = 250;
const graceMs = 700;

/**
 * Ends the process within a second after its parent is gone: a killed engine tells nobody. Requests on
 * their way may finish, so that no object is half made; waits are cancelled.
 */
export function endWithParent(cancel: () => void, calls: CallCounter): void {
  const parentPid = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parentPid) {
      return;
    }
    clearInterval(look);
    cancel();
    const deadlineMs = performance.now() + graceMs;
    setInterval(() => {
      if (calls.runningCount === 0 || performance.now() >= deadlineMs) {
        process.exit(0);
      }
    }, 20);
  }, lookEveryMs);
  look.unref();
}
