import { versions } from "../versions.ts";
import type { AddonDescription } from "./addon.ts";
import { splitImage } from "./image-values.ts";

const version = versions.addons.openbao;
const image = `quay.io/openbao/openbao:${version.app}`;

const tls = "/openbao/tls";
const replicaCount = 3;
/** Behind the headless service that the chart makes for the release of this name. */
const peers = "openbao-internal.openbao.svc.cluster.local";

/**
 * Its own configuration, because the chart's speaks plain HTTP and knows no peers. Members find each other
 * by the names behind the headless service, which the certificate of the management stack holds.
 */
const raftConfiguration = `ui = false

listener "tcp" {
  address = "[::]:8200"
  cluster_address = "[::]:8201"
  tls_cert_file = "${tls}/tls.crt"
  tls_key_file = "${tls}/tls.key"
}

storage "raft" {
  path = "/openbao/data"
${Array.from({ length: replicaCount }, (_, index) => joinBlock(index)).join("")}}

service_registration "kubernetes" {}
`;

function joinBlock(index: number): string {
  return `  retry_join {
    leader_api_addr = "https://openbao-${index}.${peers}:8200"
    leader_ca_cert_file = "${tls}/ca.crt"
  }
`;
}

/** The secret store: three servers with Raft between them, sealed until people open it. */
export const openbao: AddonDescription = {
  name: "openbao",
  project: "management",
  chart: {
    name: "openbao",
    upstream: { kind: "oci", url: "oci://ghcr.io/openbao/charts/openbao" },
  },
  version,
  namespace: "openbao",
  podSecurity: "restricted",
  images: [image],
  values: ({ registry }) => ({
    global: { tlsDisable: false },
    // Secrets reach pods through external-secrets; a second way in would be a second thing to guard.
    injector: { enabled: false },
    csi: { enabled: false },
    ui: { enabled: false },
    server: {
      image: splitImage(registry, image),
      standalone: { enabled: false },
      ha: {
        enabled: true,
        replicas: replicaCount,
        raft: { enabled: true, setNodeId: true, config: raftConfiguration },
      },
      // For `bao` inside the pods: people open the store with it.
      extraEnvironmentVars: { BAO_CACERT: `${tls}/ca.crt` },
      dataStorage: { enabled: true, size: "20Gi" },
      auditStorage: { enabled: true, size: "20Gi" },
      volumes: [{ name: "tls", secret: { secretName: "openbao-tls" } }],
      volumeMounts: [{ name: "tls", mountPath: tls, readOnly: true }],
    },
  }),
  nodeSelectorPaths: ["server.nodeSelector"],
  tolerationPaths: ["server.tolerations"],
  dependsOn: ["cert-manager"],
  crds: [],
  healthCheck: { apiVersion: "apps/v1", kind: "StatefulSet", name: "openbao" },
};
