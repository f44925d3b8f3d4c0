import type { ImportedData } from '@holdfast/client';
import { type ChangeEvent, useRef, useState } from 'react';
import { useApp } from '../../data/app.ts';
import { settingsTexts } from '../../texts/settings.ts';
import { Button } from '../../ui/button.tsx';
import { download, readFile, type Records, toFile, toParts } from './export-file.ts';
import { Section } from './section.tsx';

const count = ({ lists, tasks }: Records) => lists.length + tasks.length;

/** All data of the user as a file. */
export function DataSection() {
  const calls = useApp().holdfast.user;
  const file = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);

  async function attempt(run: () => Promise<string>): Promise<void> {
    setBusy(true);
    try {
      setText(await run());
    } catch (error) {
      setText((error as Error).message);
    } finally {
      setBusy(false);
    }
  }

  async function save(): Promise<string> {
    const records: Records = { lists: [], tasks: [] };
    for await (const { lists, tasks } of calls.exportAll()) {
      records.lists.push(...lists);
      records.tasks.push(...tasks);
      setText(settingsTexts.exporting(count(records)));
    }
    download(toFile(records), `holdfast-${new Date().toISOString().slice(0, 10)}.json`);
    return settingsTexts.exported(count(records));
  }

  async function load(chosen: File): Promise<string> {
    const records = await readFile(chosen);
    if (records === null) return settingsTexts.noExport;
    const all: ImportedData = { created: 0, unchanged: 0, conflicts: [] };
    let sent = 0;
    for (const part of toParts(records)) {
      setText(settingsTexts.importing(sent, count(records)));
      const { created, unchanged, conflicts } = await calls.import(part);
      all.created += created;
      all.unchanged += unchanged;
      all.conflicts.push(...conflicts);
      sent += count(part);
    }
    const { created, unchanged, conflicts } = all;
    const text = settingsTexts.imported(created, unchanged);
    return conflicts.length > 0 ? `${text} ${settingsTexts.conflicts(conflicts.length)}` : text;
  }

  function onFile({ target }: ChangeEvent<HTMLInputElement>): void {
    const [chosen] = target.files ?? [];
    if (chosen) void attempt(() => load(chosen));
    // The same file can be chosen again.
    target.value = '';
  }

  return (
    <Section title={settingsTexts.data} hint={settingsTexts.dataHint}>
      <div className="button-row">
        <Button icon="download" disabled={isBusy} onClick={() => void attempt(save)}>
          {settingsTexts.export}
        </Button>
        <Button icon="upload" disabled={isBusy} onClick={() => file.current!.click()}>
          {settingsTexts.import}
        </Button>
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          aria-label={settingsTexts.importFile}
          hidden
          onChange={onFile}
        />
      </div>
      <p className="muted" role="status">
        {text}
      </p>
    </Section>
  );
}
