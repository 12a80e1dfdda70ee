# Кто где проходит и кого знают устройства.
access-groups-title = Кому можно проходить
access-groups-count = { $count ->
    [one] { $count } группа доступа
    [few] { $count } группы доступа
   *[many] { $count } групп доступа
}
access-groups-add = Добавить группу доступа
access-groups-make = Создать группу
access-groups-empty-title = Групп доступа пока нет
access-groups-empty-text = Группа доступа говорит, каким людям какие проходы открыты. Терминалы, которые ведёт Nazorat, знают именно этих людей; проходы, к которым не ведёт ни одна группа, остаются как есть.
access-groups-everybody = Всем открыты все проходы
access-groups-everybody-name = Все
access-groups-who = Кто
access-groups-people = Людей
access-groups-where = Где
access-groups-everyone = все
access-groups-everyone-text = Все сотрудники, в том числе будущие.
access-groups-nobody = никто
access-groups-all-gates = все проходы
access-groups-all-gates-text = В том числе те, что появятся позже.
access-groups-nowhere = нигде
access-groups-note-nobody = в ней никого нет
access-groups-note-nowhere = никуда не ведёт
access-groups-note-unnumbered = { $count ->
    [one] { $count } без табельного номера
    [few] { $count } без табельного номера
   *[many] { $count } без табельного номера
}
access-groups-name-hint = Как её называют, например «Офис» или «Склад».
access-groups-who-ask = Кто в неё входит?
access-groups-some = отделы и отдельные люди
access-groups-some-text = Те, кто отмечен ниже.
access-groups-departments-hint = Входят все из отдела и из отделов под ним, также те, кто придёт позже.
access-groups-no-departments = Отделов пока нет.
access-groups-employees = Отдельные люди
access-groups-find = Найти людей
access-groups-find-hint = Имя, должность или номер
access-groups-found = { $count ->
    [one] Найден { $count } человек. Отметьте, кто входит в группу.
    [few] Найдено { $count } человека. Отметьте, кто входит в группу.
   *[many] Найдено { $count } человек. Отметьте, кто входит в группу.
}
access-groups-found-some = Показаны первые { $shown } из { $all }. Чтобы найти остальных, введите больше букв имени.
access-groups-where-ask = Какие проходы им открыты?
access-groups-some-gates = эти проходы
access-groups-no-gates = Проходов пока нет.
access-groups-no-device = устройств там нет
access-groups-meaning = Что это значит
access-groups-look = Показать, что это значит
access-groups-means = { $people ->
    [one] { $people } человеку
    [few] { $people } людям
   *[many] { $people } людям
} { $gates ->
    [one] открыт { $gates } проход
    [few] открыты { $gates } прохода
   *[many] открыты { $gates } проходов
}, { $devices ->
    [0] но устройств там пока нет.
    [one] на них { $devices } устройство.
    [few] на них { $devices } устройства.
   *[many] на них { $devices } устройств.
}
access-groups-means-nothing = По этой группе никто нигде не проходит.
access-groups-warn-nobody = В ней никого нет. Отметьте отделы или людей либо выберите всех.
access-groups-warn-nowhere = Она не ведёт ни к одному проходу. Отметьте проходы или выберите все.
access-groups-warn-unnumbered = { $count ->
    [one] У { $count } человека нет табельного номера, а устройства знают людей по нему: записать его не получится.
    [few] У { $count } человек нет табельного номера, а устройства знают людей по нему: записать их не получится.
   *[many] У { $count } человек нет табельного номера, а устройства знают людей по нему: записать их не получится.
}
access-groups-warn-left = { $count ->
    [one] { $count } из устройств Nazorat не ведёт: кого оно знает, тот проходит и дальше, и никто на него не записывается.
    [few] { $count } из устройств Nazorat не ведёт: кого они знают, тот проходит и дальше, и никто на них не записывается.
   *[many] { $count } из устройств Nazorat не ведёт: кого они знают, тот проходит и дальше, и никто на них не записывается.
}
access-groups-do-remove = Удалить группу
access-groups-do-remove-text = Сначала вы увидите, кто больше не сможет проходить.
access-groups-remove-open = Удалить…
access-groups-remove-title = Удалить группу доступа «{ $name }»?
access-groups-remove-nobody = Никто не теряет прохода: этих людей туда ведут другие группы, или о проходе больше никто не решает.
access-groups-remove-people = { $count ->
    [one] { $count } человек теряет часть проходов и удаляется с тех устройств, которые ведёт Nazorat.
    [few] { $count } человека теряют часть проходов и удаляются с тех устройств, которые ведёт Nazorat.
   *[many] { $count } человек теряют часть проходов и удаляются с тех устройств, которые ведёт Nazorat.
}
access-groups-remove-left = К этим проходам не ведёт ни одна другая группа: { $gates }. Их устройства остаются как есть: кого они знают, тот проходит и дальше.
access-groups-remove-do = Удалить группу

device-people-title = Люди на устройствах
device-people-crumb = Люди
device-people-link = Люди
device-people-title-of = Люди на «{ $name }»
device-people-count-in-order = { $count } в порядке
device-people-count-held = { $count ->
    [one] { $count } ждёт вашего слова
    [few] { $count } ждут вашего слова
   *[many] { $count } ждут вашего слова
}
device-people-empty-title = Устройств пока нет
device-people-empty-text = Как только появятся терминалы, здесь будет видно, знает ли каждый из них тех, кому можно проходить.
device-people-device = Устройство
device-people-people = Его люди
device-people-right = Как надо
device-people-problems = Проблемы
device-people-unknown = Неизвестные
device-people-unnumbered = Без номера
device-people-compared = Сверено
device-people-progress = { $right } из { $wanted }
device-people-how-disabled = выключено
device-people-how-only-tells = только сообщает
device-people-how-not-kept = ведутся на устройстве
device-people-how-no-group = группы туда не ведут
device-people-how-cannot = не хранит людей
device-people-how-silent = шлюз молчит
device-people-how-no-contact = нет связи
device-people-how-failed = сверка не удалась
device-people-how-held = ждёт вашего слова
device-people-how-asked = идёт сверка
device-people-how-not-compared = ещё не сверено
device-people-how-problems = есть проблемы
device-people-how-on-its-way = идёт запись
device-people-how-in-order = в порядке
device-people-text-disabled = Устройство не обслуживается. Пока оно выключено, сверки нет.
device-people-text-only-tells = Устройство сообщает, кто прошёл, и команд не принимает. Его людей ведёт тот, кто его обслуживает.
device-people-text-not-kept = { $count ->
    [one] Людей вносят на самом устройстве. По группам доступа проход открыт { $count } человеку.
    [few] Людей вносят на самом устройстве. По группам доступа проход открыт { $count } людям.
   *[many] Людей вносят на самом устройстве. По группам доступа проход открыт { $count } людям.
}
device-people-text-no-group = Пока никто не сказал, кому открыты его проходы, поэтому его люди остаются как есть.
device-people-text-cannot = Устройство не хранит людей или хранит так, как эта версия не умеет. Вносите их на самом устройстве.
device-people-text-silent = Шлюз ничего не сообщает, поэтому числа — с последней сверки. Что решено сейчас, будет сделано, когда шлюз вернётся.
device-people-text-no-contact = Сверить устройство нельзя: { $state }. Шлюз продолжает попытки.
device-people-text-held = Сверка удалила бы с устройства { $held } из { $there } человек. Это так много, что без вашего слова никто не удаляется; всё остальное в порядке или в пути.
device-people-text-asked = Об этом попросили, и шлюз этим занят: один человек за другим. Страница обновляется сама.
device-people-text-not-compared = Шлюз сверит устройство, как только оно ответит.
device-people-text-problems = { $count ->
    [one] { $count } человек записан не так, как надо. Почему — на странице его людей.
    [few] { $count } человека записаны не так, как надо. Почему — на странице его людей.
   *[many] { $count } человек записаны не так, как надо. Почему — на странице его людей.
}
device-people-text-on-its-way = Шлюз записывает людей одного за другим. Страница обновляется сама.
device-people-text-in-order = Устройство знает всех, кому можно проходить.
device-people-failed-device-unreachable = Устройство перестало отвечать. Через минуту будет новая сверка.
device-people-failed-device-credentials = Устройство не принимает учётную запись или ключ. Введите верные на странице устройства.
device-people-failed-device-busy = Устройство занято другим, например программой изготовителя. Через минуту будет новая сверка.
device-people-failed-device-refused = Устройство не отдаёт список людей. Проверьте права учётной записи на терминале.
device-people-failed-device-nonsense = Ответ устройства непонятен. Возможно, эту модель версия знает плохо.
device-people-failed-device-settings = Настройки устройства неверны. Измените их.
device-people-failed-not-kept = Шлюз не смог записать, что он делает, и не делает ничего. Возможно, его диск полон.
device-people-failed-other = Сверить людей не удалось: { $detail }
device-people-why-device-unreachable = устройство не ответило
device-people-why-device-credentials = устройство не принимает учётную запись или ключ
device-people-why-device-busy = устройство было занято
device-people-why-device-cannot = устройство этого не умеет
device-people-why-device-refused = устройство отказало
device-people-why-device-nonsense = устройство говорит, что записало, но это не так
device-people-why-device-settings = настройки устройства неверны
device-people-why-not-kept = шлюз не смог получить или сохранить нужное
device-people-why-administers = администрирует устройство, изменить можно только на нём
device-people-why-number = табельный номер не подходит устройствам: нужны от 1 до 32 букв и цифр без пробелов
device-people-next-no-group = Создать группу доступа
device-people-next-device = Открыть устройство
device-people-next-gateway = Открыть шлюз
device-people-may-pass = Можно проходить
device-people-may-pass-note = по группам доступа
device-people-on-device = На устройстве
device-people-on-device-note = кто бы это ни был
device-people-compared-note = шлюзом
device-people-compare = Сверить сейчас
device-people-person = Человек
device-people-number = Номер
device-people-cards = Карты
device-people-why = Почему
device-people-tries = Попыток
device-people-next-try = Следующая
device-people-no-try = после изменения
device-people-soon = вот-вот
device-people-try = Повторить
device-people-problems-none = Проблем нет
device-people-problems-none-text = Кого не удаётся записать, стоит здесь: с причиной и следующей попыткой.
device-people-unknown-none = Неизвестных нет
device-people-unknown-none-text = Кто внесён на самом устройстве и не является сотрудником, стоит здесь.
device-people-unknown-text = Устройство знает их и пропускает, а сотрудника с таким номером нет. Они остаются, пока вы их не удалите.
device-people-nameless = без имени
device-people-foreign = Карты, известные только устройству
device-people-foreign-text = Это сотрудники, которым карты выданы на самом устройстве. Карты остаются и открывают дверь.
device-people-unnumbered-text = Проход им открыт, но записать их на устройство нельзя: устройства знают людей по табельному номеру.
device-people-give-number = Указать номер
device-people-orders-empty-text = Сверки и удаления, о которых просили, стоят здесь с ответами.
device-people-who-keeps = Кто ведёт его людей
device-people-do-keep-title = Передать его людей Nazorat
device-people-do-keep-text = С этого момента всё решают группы доступа: кому можно — записываются на устройство, сотрудники, кому нельзя, — удаляются.
device-people-do-leave-title = Оставить его людей устройству
device-people-do-leave-text = Больше никто не записывается и не удаляется. Кого оно знает к этому времени, того знает.
device-people-keep-open = Передать Nazorat…
device-people-keep-title = Передать Nazorat людей на «{ $name }»?
device-people-keep-people = { $count ->
    [one] По группам доступа его проходы открыты { $count } человеку: он записывается с картами и лицом.
    [few] По группам доступа его проходы открыты { $count } людям: они записываются с картами и лицами.
   *[many] По группам доступа его проходы открыты { $count } людям: они записываются с картами и лицами.
}
device-people-keep-no-group = К его проходам пока не ведёт ни одна группа, поэтому до тех пор ничего не меняется.
device-people-keep-off = Сотрудники, которым проходить нельзя, удаляются с устройства.
device-people-keep-stay = Кто внесён на самом устройстве и здесь неизвестен, остаётся; остаются также карты и лица, известные только устройству, и те, кто его администрирует.
device-people-keep-many = Если удалить пришлось бы больше 10 человек и больше пятой части всех, сначала спросят вас.
device-people-keep-do = Вести его людей
device-people-leave-open = Оставить устройству…
device-people-leave-title = Оставить людей на «{ $name }» устройству?
device-people-leave-text = Больше никто не записывается и не удаляется. Уволенный сотрудник проходит там и дальше, пока его не удалят на самом устройстве.
device-people-leave-next = Все, кого оно знает сейчас, остаются, с картами и лицами.
device-people-leave-do = Оставить устройству
device-people-allow-open = { $count ->
    [one] Удалить { $count } человека…
    [few] Удалить { $count } человек…
   *[many] Удалить { $count } человек…
}
device-people-allow-title = Удалить с «{ $name }» людей: { $held }?
device-people-allow-text = Это сотрудники, которым его проходы не открыты, или те, кого записал Nazorat и кто теперь неизвестен. Если вы ждали другого, сначала посмотрите группы доступа.
device-people-allow-next = Если к тому времени их станет больше, вас спросят снова. Внесённые на самом устройстве остаются.
device-people-allow-do = { $count ->
    [one] Удалить { $count } человека
    [few] Удалить { $count } человек
   *[many] Удалить { $count } человек
}
device-people-take-off-open = Удалить…
device-people-take-off-title = Удалить «{ $name }» с «{ $device }»?
device-people-take-off-text = Устройство забудет человека с номером { $number }, его карты и лицо. Пройти там он больше не сможет.
device-people-take-off-next = Его карт и лица Nazorat не знает и вернуть их не может. Записанные проходы остаются.
device-people-take-off-do = Удалить с устройства
devices-answer-goes-on = работы много, она продолжается
devices-reply-right = как надо
devices-reply-wanted = должно быть
devices-reply-on-device = на устройстве
devices-reply-held = ждут слова
devices-reply-problems = проблем

person-gates = Двери
person-gates-through = Через группы
person-gates-none = Ни одна группа доступа не ведёт этого человека ни к одному проходу.
person-gates-inactive = Неактивному сотруднику не открыт ни один проход.
person-gates-no-number = Без табельного номера терминалы не могут знать этого человека.

done-device-people-kept = Людей на «{ $name }» ведёт Nazorat
done-device-people-left = Люди на «{ $name }» оставлены устройству
