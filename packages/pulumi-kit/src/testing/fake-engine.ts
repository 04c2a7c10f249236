import * as grpc from "@grpc/grpc-js";
import engineServices from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import type { LogRequest, SetRootResourceRequest } from "@pulumi/pulumi/proto/engine_pb.js";
import resourceServices from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import resourceMessages from "@pulumi/pulumi/proto/resource_pb.js";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb.js";
import { isRecord } from "../record.ts";
import { emptyMessage, toDataMessage } from "./engine-messages.ts";
import {
  kubeconfigSecretData,
  objectId,
  readRecord,
  toPlainInputs,
  toRecordedResource,
  unknownValue,
} from "./recorded-resource.ts";
import type { RecordedResource } from "./recorded-resource.ts";

export interface FakeEngineOptions {
  readonly project: string;
  readonly stack: string;
  readonly isDryRun: boolean;
  /** `clusters/pavlodar-hub-s1-h1` to its outputs; other stacks do not exist. */
  readonly outputsOfOtherStacks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The engine's version as it checks it; 3.259.0 by default. */
  readonly refuseVersion?: string;
}

/** The engine's side of both services, keeping what the program says and doing nothing with it. */
export class FakeEngine {
  readonly resources: RecordedResource[] = [];
  readonly messages: string[] = [];
  outputs: Readonly<Record<string, unknown>> = {};
  readonly #options: FakeEngineOptions;
  readonly #server = new grpc.Server();
  #rootUrn = "";

  constructor(options: FakeEngineOptions) {
    this.#options = options;
    this.#server.addService(engineServices.EngineService, this.#engineCalls());
    this.#server.addService(resourceServices.ResourceMonitorService, this.#monitorCalls());
  }

  /** Listens on a free port of this machine and gives the address. */
  async start(): Promise<string> {
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(
        "127.0.0.1:0",
        grpc.ServerCredentials.createInsecure(),
        (error, bound) => (error === null ? resolve(bound) : reject(error)),
      );
    });
    return `127.0.0.1:${port}`;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #engineCalls(): grpc.UntypedServiceImplementation {
    return {
      log: answer((request: LogRequest) => {
        if (request.getSeverity() >= engineMessages.LogSeverity.INFO) {
          this.messages.push(request.getMessage());
        }
        return emptyMessage();
      }),
      getRootResource: answer(() =>
        new engineMessages.GetRootResourceResponse().setUrn(this.#rootUrn),
      ),
      setRootResource: answer((request: SetRootResourceRequest) => {
        this.#rootUrn = request.getUrn();
        return new engineMessages.SetRootResourceResponse();
      }),
      requirePulumiVersion: answer(() => {
        const { refuseVersion } = this.#options;
        if (refuseVersion !== undefined) {
          throw new Error(`Pulumi CLI version ${refuseVersion} does not satisfy the version range`);
        }
        return new engineMessages.RequirePulumiVersionResponse();
      }),
    };
  }

  #monitorCalls(): grpc.UntypedServiceImplementation {
    return {
      supportsFeature: answer((request: SupportsFeatureRequest) =>
        new resourceMessages.SupportsFeatureResponse().setHassupport(
          // Plain inputs are what the records show.
          request.getId() !== "outputValues",
        ),
      ),
      registerPackage: answer(() => new resourceMessages.RegisterPackageResponse().setRef("fake")),
      registerResource: answer((request: RegisterResourceRequest) => this.#register(request)),
      readResource: answer((request: ReadResourceRequest) => this.#read(request)),
      registerResourceOutputs: answer((request: RegisterResourceOutputsRequest) => {
        if (request.getUrn() === this.#rootUrn) {
          this.outputs = toPlainInputs(request.getOutputs()?.toJavaScript());
        }
        return emptyMessage();
      }),
      invoke: answer((request: ResourceInvokeRequest) => this.#invoke(request)),
      signalAndWaitForShutdown: answer(() => emptyMessage()),
    };
  }

  #register(
    request: RegisterResourceRequest,
  ): InstanceType<typeof resourceMessages.RegisterResourceResponse> {
    const urn = this.#urn(request.getParent(), request.getType(), request.getName());
    const record = toRecordedResource(request, urn);
    this.resources.push(record);
    const response = new resourceMessages.RegisterResourceResponse().setUrn(urn);
    if (record.isCustom && !this.#options.isDryRun) {
      response.setId(objectId(record.inputs) ?? record.name);
    }
    // As the engine does: in a preview what was asked for is what is known.
    response.setObject(request.getObject() ?? toDataMessage({}));
    return response;
  }

  #read(request: ReadResourceRequest): InstanceType<typeof resourceMessages.ReadResourceResponse> {
    const urn = this.#urn(request.getParent(), request.getType(), request.getName());
    this.resources.push(
      readRecord({
        urn,
        type: request.getType(),
        name: request.getName(),
        id: request.getId(),
        provider: request.getProvider(),
      }),
    );
    return new resourceMessages.ReadResourceResponse().setUrn(urn).setProperties(
      // Nobody can read what is not known yet.
      toDataMessage(request.getId() === unknownValue ? {} : { data: kubeconfigSecretData }),
    );
  }

  #invoke(
    request: ResourceInvokeRequest,
  ): InstanceType<typeof resourceMessages.ResourceInvokeResponse> {
    const args = request.getArgs()?.toJavaScript();
    const name = isRecord(args) && typeof args["name"] === "string" ? args["name"] : "";
    const outputs = this.#options.outputsOfOtherStacks[name.replace(/^organization\//, "")];
    if (request.getTok() !== "pulumi:pulumi:readStackOutputs" || outputs === undefined) {
      throw new Error(
        `invocation of ${request.getTok()} returned an error: unknown stack "${name}"`,
      );
    }
    return new resourceMessages.ResourceInvokeResponse().setReturn(
      toDataMessage({ name, outputs }),
    );
  }

  #urn(parent: string, type: string, name: string): string {
    const { stack, project } = this.#options;
    const parentType = parent === "" ? "" : (parent.split("::")[2] ?? "");
    const prefix =
      parentType === "" || parentType === "pulumi:pulumi:Stack" ? "" : `${parentType}$`;
    return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
  }
}

/** A call with one request and one answer; what it throws becomes the call's error. */
function answer<Request, Response>(
  reply: (request: Request) => Response,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    try {
      callback(null, reply(call.request));
    } catch (error) {
      callback({
        code: grpc.status.UNKNOWN,
        details: error instanceof Error ? error.message : String(error),
      });
    }
  };
}
