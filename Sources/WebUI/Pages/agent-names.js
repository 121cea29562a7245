// Host names of agents by address, as /agents/json tells them.

export class AgentNames {
  #names = new Map();

  take(agents) {
    this.#names = new Map(Object.entries(agents).map(([address, agent]) => [address, agent.hostName]));
  }

  /** The host name, or the address of an agent that has told none. */
  of(address) { return this.#names.get(address) || address; }
}
