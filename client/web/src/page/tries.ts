/** Tries of actions that have not come to their end, kept in this tab for their user, over a reload too. */

import { newRequestId } from "../client/request-id";

/** An action as it was sent: `input` is its JSON, `begun` the time of the first try in milliseconds since 1970. */
export interface Try {
  readonly actionType: string;
  readonly input: string;
  readonly requestId: string;
  readonly begun: number;
}

/** Where tries are kept. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const KEY = "scorewire.tries";

// The servers know a request id for a day. After that the same again is another action; the last calls of a try take a
// minute or two.
const KNOWN_MS = 24 * 3_600_000 - 300_000;

/** The tries of whoever is signed in. */
export class Tries {
  #userId: string | undefined;

  constructor(
    private readonly store: Store,
    private readonly now: () => number = Date.now,
  ) {}

  /** Is for this user from now on, and forgets the tries of any other. */
  follow(userId: string | undefined): void {
    this.#userId = userId;
    this.#keep(this.#kept());
  }

  /** The tries of an action type that the servers still know, oldest first. */
  of(actionType: string): readonly Try[] {
    return this.#kept().filter((tried) => tried.actionType === actionType);
  }

  /** Keeps a new try, which has not been sent yet. */
  begin(actionType: string, input: string): Try {
    const tried = { actionType, input, requestId: newRequestId(), begun: this.now() };
    this.#keep([...this.#kept(), tried]);
    return tried;
  }

  /** Forgets a try that has come to its end. */
  forget(requestId: string): void {
    this.#keep(this.#kept().filter((tried) => tried.requestId !== requestId));
  }

  #kept(): readonly Try[] {
    const { userId, tries } = JSON.parse(this.store.getItem(KEY) ?? "{}");
    return userId === this.#userId && userId !== undefined ? tries.filter(this.#isKnown) : [];
  }

  // Nobody knows how old one is that was begun in the future.
  readonly #isKnown = ({ begun }: Try): boolean => {
    const age = this.now() - begun;
    return age >= 0 && age < KNOWN_MS;
  };

  #keep(tries: readonly Try[]): void {
    if (tries.length === 0) this.store.removeItem(KEY);
    else this.store.setItem(KEY, JSON.stringify({ userId: this.#userId, tries }));
  }
}
