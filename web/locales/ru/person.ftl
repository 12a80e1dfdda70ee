person-timeline = шкала времени
person-lane-computer = Компьютер
person-lane-applications = Программы
person-lane-sites = Сайты
person-columns = компьютер, программы
person-computer = компьютер
person-zoom = Какая часть дня
person-zoom-day = День
person-zoom-4h = 4 часа
person-zoom-1h = 1 час
person-shown = Показано: { $from }–{ $to }
person-sentence = { $day }: компьютер в работе { $active }, с { $first } до { $last }. Стрелки переходят между отрезками.
person-sentence-empty = { $day }: событий нет.
person-app-unknown = Неизвестная программа
person-gap-silent = Агент за это время ничего не прислал
person-gap-expected = Ещё в пути
person-first-input = Первый ввод
person-first-input-note = клавиатура или мышь
person-last-input = Последний ввод
person-last-input-note = клавиатура или мышь
person-in-use = Компьютер в работе
person-of-observed = из { $observed } наблюдения
person-useful-note = { $duration } времени в работе
person-no-data-note = о работе ничего не говорит
person-week-nothing = нет данных
person-empty = За этот день ничего не пришло
person-empty-text = Либо ни один компьютер этого человека не включался, либо агент ещё не прислал данные. О работе это ничего не говорит.
person-applications = Программы
person-sites = Сайты
person-nothing-used = Ничего не записано
person-shots = Снимки экрана
person-shots-taken = { $count ->
    [one] { $count } снимок, показан размытым
    [few] { $count } снимка, показаны размытыми
   *[many] { $count } снимков, показаны размытыми
}
person-shots-blurred = Размыт, пока не открыт с указанием причины
person-shots-reason = При открытии снимка спрашивается причина. { $name } может узнать, кто и что открывал.
person-as-drawing = Рисунком
person-table-caption = Что использовалось, по порядку времени
person-column-from = С
person-column-to = До
person-column-duration = Длительность
person-column-kind = Считается
person-column-name = Программа
person-column-detail = Заголовок
screenshot-title = Снимок экрана, { $day }, { $time }
screenshot-question = Зачем открывается этот снимок?
screenshot-text = Причина, ваше имя и время записываются в журнал аудита. { $name } может об этом узнать.
screenshot-reason = Причина
screenshot-reason-hint = Одно предложение, например «жалоба клиента 1042».
screenshot-reason-needed = Напишите в нескольких словах, зачем это нужно увидеть.
screenshot-show = Показать снимок
screenshot-alternative = Снимок экрана компьютера: { $name }
incomplete-title = Данные за этот день неполны.
incomplete-files = { $count ->
    [one] Один файл данных за { $month } не прочитан и отложен.
    [few] { $count } файла данных, первый за { $month }, не прочитаны и отложены.
   *[many] { $count } файлов данных, первый за { $month }, не прочитаны и отложены.
}
