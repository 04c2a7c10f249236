import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";

type Listener = Parameters<ServerInterceptingCallInterface["start"]>[0];
type Status = Parameters<ServerInterceptingCallInterface["sendStatus"]>[0];

/** What the guard does with a call. */
export interface CallWatch {
  /** The headers are here; true: go on, false: the call was ended. */
  admit(metadata: Metadata): boolean;
  /** A status is on its way; false: one was sent already. */
  finish(): boolean;
}

/**
 * A call that the guard looks at, by hand: the wrapper that grpc-js offers for interceptors makes a
 * dozen closures and queues for each call, this one three objects.
 */
export class GuardedCall implements ServerInterceptingCallInterface {
  readonly #next: ServerInterceptingCallInterface;
  readonly #watch: CallWatch;

  constructor(next: ServerInterceptingCallInterface, watch: CallWatch) {
    this.#next = next;
    this.#watch = watch;
  }

  start(listener: Listener): void {
    this.#next.start(new GuardedListener(listener, this.#watch));
  }

  sendMetadata(metadata: Metadata): void {
    this.#next.sendMetadata(metadata);
  }

  sendMessage(message: unknown, callback: () => void): void {
    this.#next.sendMessage(message, callback);
  }

  sendStatus(status: Status): void {
    if (this.#watch.finish()) {
      this.#next.sendStatus(status);
    }
  }

  startRead(): void {
    this.#next.startRead();
  }

  getPeer(): string {
    return this.#next.getPeer();
  }

  getDeadline(): ReturnType<ServerInterceptingCallInterface["getDeadline"]> {
    return this.#next.getDeadline();
  }

  getHost(): string {
    return this.#next.getHost();
  }

  getAuthContext(): ReturnType<ServerInterceptingCallInterface["getAuthContext"]> {
    return this.#next.getAuthContext();
  }

  getConnectionInfo(): ReturnType<ServerInterceptingCallInterface["getConnectionInfo"]> {
    return this.#next.getConnectionInfo();
  }

  getMetricsRecorder(): ReturnType<ServerInterceptingCallInterface["getMetricsRecorder"]> {
    return this.#next.getMetricsRecorder();
  }
}

class GuardedListener implements Listener {
  readonly #next: Listener;
  readonly #watch: CallWatch;

  constructor(next: Listener, watch: CallWatch) {
    this.#next = next;
    this.#watch = watch;
  }

  onReceiveMetadata(metadata: Metadata): void {
    if (this.#watch.admit(metadata)) {
      this.#next.onReceiveMetadata(metadata);
    }
  }

  onReceiveMessage(message: unknown): void {
    this.#next.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    this.#next.onReceiveHalfClose();
  }

  onCancel(): void {
    this.#watch.finish();
    this.#next.onCancel();
  }
}
