// Loaded before the live view: it ends when the process that started it is gone, however that ended, and gives
// the terminal back as on any other end.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
