// For tests of what uses the client: a server in memory that answers as it is told.
export {
  startFakeServer,
  type FakeCall,
  type FakeMethods,
  type FakeServer,
  type FakeStream,
  type FakeUnary,
} from "./fake-server.ts";
export { toServiceError, type RichErrorFacts } from "./rich-error.ts";
