/** Units for systemd, so that a cluster starts with the machine. Pure. */
export function systemdUnits(self: readonly string[], dataRoot: string): string {
  const command = self.map((part) => (/\s/.test(part) ? JSON.stringify(part) : part)).join(' ');
  return `# /etc/systemd/system/k8ts.service
[Unit]
Description=k8ts, a Kubernetes cluster
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=${command} supervise --data-dir ${dataRoot}
Restart=always
RestartSec=2
# Containers outlive the control plane and are adopted when it is back.
KillMode=process
TimeoutStopSec=30
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
`;
}
