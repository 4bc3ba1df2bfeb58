/**
 * Renders the configuration of a containerd of our own (pure).
 *
 * Version 2 of the file is what containerd 1.5 to 2.x read. Everything that nodes share by default (root,
 * state, socket, network namespaces, CNI folders, streaming port) is set, so that several run side by side,
 * and so that a containerd that is already on the machine is never touched.
 */

export interface ContainerdConfig {
  /** Images, snapshots and metadata; survives reboots. */
  readonly rootFolder: string;
  /** Sockets and mounts of what runs; need not survive a reboot. */
  readonly stateFolder: string;
  readonly socketPath: string;
  /** Reference of the image of the pods' sandboxes. */
  readonly sandboxImage: string;
  readonly cniBinFolder: string;
  readonly cniConfigFolder: string;
  /** One folder per registry with its `hosts.toml`, for plain HTTP, mirrors and certificates. */
  readonly registryFolder: string;
  readonly snapshotter: 'overlayfs' | 'native';
  /** Whether a process may lower its OOM score; without CAP_SYS_RESOURCE every sandbox would fail. */
  readonly mayLowerOomScore: boolean;
}

/** Plugins for which our nodes have no use; they cost start-up time and warn in the log. */
const unusedPlugins = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.nri.v1.nri',
];

/** As the kubelet's default `containerLogMaxLineSize` upstream has it. */
const logLineBytesMax = 16_384;

export function renderConfig(config: ContainerdConfig): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = ${quoted(config.rootFolder)}
state = ${quoted(config.stateFolder)}
disabled_plugins = [
${unusedPlugins.map((name) => `  ${quoted(name)},\n`).join('')}]

[grpc]
  address = ${quoted(config.socketPath)}

[ttrpc]
  address = ${quoted(`${config.socketPath}.ttrpc`)}

[debug]
  level = "warn"

[${cri}]
  sandbox_image = ${quoted(config.sandboxImage)}
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  restrict_oom_score_adj = ${!config.mayLowerOomScore}
  max_container_log_line_size = ${logLineBytesMax}
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true

[${cri}.cni]
  bin_dir = ${quoted(config.cniBinFolder)}
  conf_dir = ${quoted(config.cniConfigFolder)}
  max_conf_num = 1

[${cri}.containerd]
  snapshotter = ${quoted(config.snapshotter)}
  default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false

[${cri}.registry]
  config_path = ${quoted(config.registryFolder)}
`;
}

export interface RegistryHost {
  /** As it stands in image references, with its port: the folder's name. */
  readonly registry: string;
  /** Where to fetch from, for instance `http://127.0.0.1:5000`. */
  readonly url: string;
  readonly skipVerify?: boolean;
}

/** The `hosts.toml` of one registry. */
export function renderRegistryHost(host: RegistryHost): string {
  return `server = ${quoted(host.url)}

[host.${quoted(host.url)}]
  capabilities = ["pull", "resolve"]
${host.skipVerify === true ? '  skip_verify = true\n' : ''}`;
}

/** TOML's basic strings are JSON's, as far as paths and names go. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
