/** Lines for the person who starts the process, printed once it is ready. They are never logged, so they may contain a generated password. */
export class StartupNotes {
  private readonly notes: string[] = [];

  add(line: string): void {
    this.notes.push(line);
  }

  get lines(): readonly string[] {
    return this.notes;
  }
}
