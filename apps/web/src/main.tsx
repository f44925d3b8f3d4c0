import { createRoot } from 'react-dom/client';
import { subscribe } from './app/updates.ts';

subscribe(() => {});
createRoot(document.querySelector('#root')!).render(<h1>Holdfast</h1>);
