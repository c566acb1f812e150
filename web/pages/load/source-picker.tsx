import { useId, useRef, useState } from 'preact/hooks'
import type { ClusterInfo } from '../../api/types.ts'
import { uploadFile } from '../../api/upload.ts'
import { ChoiceField, TextField } from '../../parts/controls.tsx'
import { bytes } from '../../parts/format.ts'
import { ProblemNotice } from '../../parts/notice.tsx'
import { useAction } from '../../state/action.ts'
import type { LoadFields } from './load-request.ts'

interface Props {
  readonly cluster: ClusterInfo
  readonly fields: LoadFields
  readonly set: (part: Partial<LoadFields>) => void
}

/** A file of this machine, or one that lies in a folder the server was told of. */
export function SourcePicker({ cluster, fields, set }: Props) {
  const name = useId()
  const choices = [
    [false, 'From this computer'],
    [true, 'From a folder of the server'],
  ] as const
  return (
    <>
      {cluster.roots.length > 0 && (
        <fieldset class="choices">
          <legend class="unseen">Where the file is</legend>
          {choices.map(([isFromRoot, title]) => (
            <label key={title}>
              <input
                type="radio"
                name={name}
                checked={fields.isFromRoot === isFromRoot}
                onChange={() => set({ isFromRoot })}
              />{' '}
              {title}
            </label>
          ))}
        </fieldset>
      )}
      {fields.isFromRoot ? (
        <div class="row">
          <ChoiceField
            label="Folder"
            value={fields.root}
            choices={cluster.roots.map((root) => [root, root])}
            onChange={(root) => set({ root })}
          />
          <TextField
            label="Path in it"
            value={fields.rootPath}
            placeholder="2026/events.csv"
            onChange={(rootPath) => set({ rootPath })}
          />
        </div>
      ) : (
        <FileDrop upload={fields.upload} onUpload={(upload) => set({ upload, map: {} })} />
      )}
    </>
  )
}

interface DropProps {
  readonly upload: LoadFields['upload']
  readonly onUpload: (upload: LoadFields['upload']) => void
}

/** A place to drop a file on; a button does the same. The file goes to the server at once. */
export function FileDrop({ upload, onUpload }: DropProps) {
  const [share, setShare] = useState(0)
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const action = useAction(async (file: File) => {
    onUpload(undefined)
    setShare(0)
    onUpload(await uploadFile(file, setShare))
  })
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0]
    if (file !== undefined) action.run(file)
  }
  return (
    <div
      class={`drop${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        take(event.dataTransfer?.files)
      }}
    >
      <input
        ref={input}
        class="unseen"
        type="file"
        aria-label="File to load"
        tabIndex={-1}
        onChange={(event) => {
          take(event.currentTarget.files)
          // The same file, chosen again after it was changed, is news.
          event.currentTarget.value = ''
        }}
      />
      {upload === undefined ? (
        <p>Drop a file here, or</p>
      ) : (
        <p role="status">
          <b>{upload.name}</b>{' '}
          <span class="muted">
            {bytes(upload.sizeBytes)}, SHA-256 {upload.sha256.slice(0, 12)}…
          </span>
        </p>
      )}
      <button type="button" aria-busy={action.isBusy} onClick={() => input.current?.click()}>
        {upload === undefined ? 'Choose a file' : 'Choose another'}
      </button>
      {action.isBusy && <progress aria-label="Upload" value={share} max={1} />}
      <ProblemNotice problem={action.problem} />
    </div>
  )
}
